import pg from "pg";
import { unreachable } from "./unreachable.ts";

/** A statement as node-postgres takes it. */
export type Statement = string | pg.QueryConfig;

/** Connections that are used again, each by one transaction at a time. */
export type Sessions = {
  /** Sends what begins a transaction, and its first statement behind it, on a connection of its own. The answer is the first statement's. */
  begin(begin: string, first: Statement): Promise<{ session: pg.PoolClient; answer: Promise<pg.QueryResult> }>;
  /** Gives a connection back; one that is `broken` is closed. */
  release(session: pg.PoolClient, broken: Error | undefined): void;
  close(): Promise<void>;
};

export type SessionOptions = {
  /** A connection that was unused for longer is not used again. The pool's own timers stand still while a function is frozen. */
  readonly keptMilliseconds: number;
  /** Milliseconds of the wall clock. */
  readonly now?: () => number;
};

export function createSessions(pool: pg.Pool, { keptMilliseconds, now = Date.now }: SessionOptions): Sessions {
  const lastUsed = new WeakMap<pg.PoolClient, number>();
  // A connection that breaks is told to whoever waits for its answer, or is replaced when it is next wanted; unheard, these two events would
  // end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (session) => void session.on("error", () => undefined));

  async function checkOut(): Promise<pg.PoolClient> {
    for (;;) {
      const session = await pool.connect().catch((error: unknown) => {
        throw unreachable(error);
      });
      const used = lastUsed.get(session);
      if (used === undefined || now() - used <= keptMilliseconds) return session;
      session.release(true);
    }
  }

  function release(session: pg.PoolClient, broken: Error | undefined): void {
    lastUsed.set(session, now());
    session.release(broken);
  }

  return {
    async begin(begin, first) {
      for (;;) {
        const session = await checkOut();
        const begun = session.query(begin);
        const answer = session.query(first);
        // Heard by whoever asked, or by nobody if there was no beginning.
        answer.catch(() => undefined);
        try {
          await begun;
          return { session, answer };
        } catch (error) {
          const isUsed = lastUsed.has(session);
          // Never used again: the driver may believe that it has prepared the first statement.
          release(session, error instanceof Error ? error : new Error("a transaction could not begin", { cause: error }));
          if (!isLost(error)) throw error;
          if (!isUsed) throw unreachable(error);
          // The server closed it while nobody looked: nothing was committed, so another connection may begin.
        }
      }
    },
    release,
    close: () => pool.end(),
  };
}

/** The connection ended, which the server may have announced (class 57P: shut down, idle for too long), as against a statement refused. */
function isLost(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || error.code?.startsWith("57P") === true;
}
