import type pg from "pg";
import type { Sessions, Statement } from "./sessions.ts";

export type Transaction = {
  query(statement: Statement): Promise<pg.QueryResult>;
  commit(): Promise<void>;
  rollBack(): Promise<void>;
};

/** A transaction whose `begin` goes out together with its first statement: a way there and back is saved, which on AWS is one between two zones. */
export function openTransaction(sessions: Sessions, begin: string): Transaction {
  let opened: Promise<pg.PoolClient> | undefined;
  return {
    query(statement) {
      if (opened !== undefined) return opened.then((session) => session.query(statement));
      const first = sessions.begin(begin, statement);
      opened = first.then(({ session }) => session);
      return first.then(({ answer }) => answer);
    },
    async commit() {
      const session = await opened;
      if (session === undefined) return;
      await session.query("COMMIT");
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
