import * as z from "zod";
import type { Outbox } from "../../shared/orchestration/deps.ts";
import type { Database, Queryable } from "../../shared/platform/db/database.ts";

/** A process that dies at one of its transactions, and what is known of its death. */
export type Mortal = {
  database: Database;
  isDead: () => boolean;
  /** Lets a new process use the same database. It does not die. */
  revive: () => void;
  /** Transactions so far. */
  count: () => number;
};

/**
 * The same database, whose user dies at transaction number `at` (from 0): before its commit, which then never happens, or after it, so that
 * nothing that should follow happens. The dead send no statement any more.
 */
export function dieAt(database: Database, at: number, when: "before" | "after"): Mortal {
  const death = new Error("the process has died");
  let count = 0;
  let isDead = false;
  return {
    isDead: () => isDead,
    revive: () => void (isDead = false),
    count: () => count,
    database: {
      ...database,
      async transact(actor, work) {
        if (isDead) throw death;
        const isLast = count === at;
        count += 1;
        const result = await database.transact(actor, async (db) => {
          const done = await work(db);
          if (isLast && when === "before") isDead = true;
          if (isDead) throw death;
          return done;
        });
        if (isLast) isDead = true;
        if (isDead) throw death;
        return result;
      },
    },
  };
}

/** The same outbox, whose send number `at` (from 0) is lost: without a word, or with an error. */
export function loseSend(outbox: Outbox, at: number, how: "silently" | "loudly"): { outbox: Outbox; count: () => number } {
  let count = 0;
  const lossy =
    <Arguments extends unknown[]>(send: (...given: Arguments) => Promise<void>) =>
    async (...given: Arguments): Promise<void> => {
      const isLost = count === at;
      count += 1;
      if (!isLost) return send(...given);
      if (how === "loudly") throw new Error("the send failed");
    };
  return {
    count: () => count,
    outbox: {
      sendEffects: lossy(outbox.sendEffects),
      answerPhase: lossy(outbox.answerPhase),
      async heartbeatPhase(token) {
        await lossy(async () => void (await outbox.heartbeatPhase(token)))();
        return true;
      },
      findExecution: outbox.findExecution,
      startExecution: lossy(outbox.startExecution),
      stopExecution: lossy(outbox.stopExecution),
      sendWatchdog: lossy(outbox.sendWatchdog),
      sendHint: lossy(outbox.sendHint),
      hintEvents: lossy(outbox.hintEvents),
    },
  };
}

/** The same database, in which something else happens once: right before the first statement that contains `text` is sent. */
export function interruptBefore(database: Database, text: string, interruption: () => Promise<unknown>): Database {
  return changeBefore(database, text, interruption).database;
}

/** The same database, in which something else is written once, right before the first statement that contains `text`. */
export function changeBefore(database: Database, text: string, change: (db: Queryable) => Promise<unknown>) {
  let isOver = false;
  const changed: Database = {
    ...database,
    transact: (actor, work) =>
      database.transact(actor, (db) =>
        work({
          async query(statement, values) {
            if (!isOver && statement.includes(text)) {
              isOver = true;
              await change(db);
            }
            return db.query(statement, values);
          },
        }),
      ),
  };
  return { database: changed, isOver: () => isOver };
}

/** The same database, whose logs say `other` for `words`. */
export function retellLog(database: Database, words: string, other: string): Database {
  const Row = z.looseObject({ facts: z.array(z.json()) });
  const retell = (row: unknown) => {
    const read = Row.parse(row);
    return { ...read, facts: z.array(z.json()).parse(JSON.parse(JSON.stringify(read.facts).replaceAll(words, other))) };
  };
  return {
    ...database,
    transact: (actor, work) =>
      database.transact(actor, (db) =>
        work({
          async query(text, values) {
            const answer = await db.query(text, values);
            return text.includes("FROM run_events") ? { ...answer, rows: answer.rows.map(retell) } : answer;
          },
        }),
      ),
  };
}
