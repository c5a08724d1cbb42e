import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { LockedRows } from "../domain/batch.ts";

export type BatchScope = {
  runIds: string[];
  attemptIds: string[];
  effectIds: string[];
  /** Tasks that may start, complete or fail by this batch. */
  startIds: string[];
  completingIds: string[];
  failingIds: string[];
  /** Which day's budgets apply. */
  now: Date;
};

const LOCK_BATCH = "SELECT lock_batch($1, $2, $3, $4, $5, $6, $7::date) AS locked";
const Answer = z.tuple([z.object({ locked: LockedRows })]);

/** Locks runs, effects, budgets and agents of a batch, in that order and by id, and reads everything it may judge by. */
export async function lockBatch(db: Queryable, scope: BatchScope): Promise<LockedRows> {
  const { rows } = await db.query(LOCK_BATCH, [
    scope.runIds,
    scope.attemptIds,
    scope.effectIds,
    scope.startIds,
    scope.completingIds,
    scope.failingIds,
    scope.now.toISOString().slice(0, 10),
  ]);
  return Answer.parse(rows)[0].locked;
}
