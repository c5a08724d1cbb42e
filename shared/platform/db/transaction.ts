import type pg from "pg";
import type { Sessions, Statement } from "./sessions.ts";

export type Transaction = {
  query(statement: Statement): Promise<pg.QueryResult>;
  /** The last statement: it goes out together with the commit, which fails as it does. */
  finish(statement: Statement): void;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
};

/**
 * A transaction whose `begin` goes out together with its first statement, and whose commit with the last where that is known: two ways there and
 * back are saved, which on AWS are between two zones, and locks are held for one less.
 */
export function openTransaction(sessions: Sessions, begin: string): Transaction {
  let opened: Promise<pg.PoolClient> | undefined;
  let last: Promise<pg.QueryResult> | undefined;

  function query(statement: Statement): Promise<pg.QueryResult> {
    if (opened !== undefined) return opened.then((session) => session.query(statement));
    const first = sessions.begin(begin, statement);
    opened = first.then(({ session }) => session);
    return first.then(({ answer }) => answer);
  }

  return {
    query,
    finish(statement) {
      last = query(statement);
      // Heard by the commit.
      last.catch(() => undefined);
    },
    async commit() {
      const session = await opened;
      if (session === undefined) return;
      const committed = session.query("COMMIT");
      committed.catch(() => undefined);
      // If it was refused the server has rolled back by that word.
      await last;
      await committed;
      sessions.release(session, undefined);
    },
    async rollBack() {
      const session = await opened?.catch(() => undefined);
      if (session !== undefined) sessions.release(session, await rollBack(session));
    },
  };
}

/** Answers the error of a connection that cannot even roll back, so that the pool drops it. */
async function rollBack(session: pg.PoolClient): Promise<Error | undefined> {
  try {
    await session.query("ROLLBACK");
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error("rollback failed", { cause: error });
  }
}
