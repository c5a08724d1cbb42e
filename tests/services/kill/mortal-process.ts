import type { Outbox } from "../../../shared/orchestration/deps.ts";
import type { Database, Queryable } from "../../../shared/platform/db/database.ts";

/** A process that dies at one of the points between which it can be killed, and is followed by another that does not. */
export type Mortal = {
  /** Passes a point: throws if this is the one, and ever after. */
  pass: (point: string) => void;
  isDead: () => boolean;
  revive: () => void;
  /** Points passed so far, and where it died. */
  count: () => number;
  diedAt: () => string | undefined;
};

export function createMortal(at: number): Mortal {
  let count = 0;
  let isDead = false;
  let diedAt: string | undefined;
  return {
    pass(point) {
      if (!isDead && count === at) {
        isDead = true;
        diedAt = point;
      }
      count += 1;
      if (isDead) throw new Error(`killed ${point}`);
    },
    isDead: () => isDead,
    revive: () => void (isDead = false),
    count: () => count,
    diedAt: () => diedAt,
  };
}

/** The same database, to which a mortal sends its statements: it may die before and after each, and after each commit. */
export function mortalDatabase(database: Database, { pass }: Mortal): Database {
  return {
    ...database,
    async transact(actor, work) {
      pass("before a transaction");
      const result = await database.transact(actor, async (db) => {
        const mortal: Queryable = {
          async query(text, values) {
            pass(`before ${nameStatement(text)}`);
            const answer = await db.query(text, values);
            pass(`after ${nameStatement(text)}`);
            return answer;
          },
        };
        return work(mortal);
      });
      pass("after a commit");
      return result;
    },
  };
}

function nameStatement(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").slice(0, 40);
}

/** The same outbox, of a mortal: it may die before and after each send. */
export function mortalOutbox(outbox: Outbox, mortal: Mortal): Outbox {
  const wrap =
    <Given extends unknown[], Answer>(name: string, send: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      mortal.pass(`before ${name}`);
      const answer = await send(...given);
      mortal.pass(`after ${name}`);
      return answer;
    };
  return {
    sendEffects: wrap("sendEffects", outbox.sendEffects),
    answerPhase: wrap("answerPhase", outbox.answerPhase),
    heartbeatPhase: wrap("heartbeatPhase", outbox.heartbeatPhase),
    findExecution: wrap("findExecution", outbox.findExecution),
    startExecution: wrap("startExecution", outbox.startExecution),
    stopExecution: wrap("stopExecution", outbox.stopExecution),
    sendWatchdog: wrap("sendWatchdog", outbox.sendWatchdog),
    sendHint: wrap("sendHint", outbox.sendHint),
    hintEvents: wrap("hintEvents", outbox.hintEvents),
  };
}
