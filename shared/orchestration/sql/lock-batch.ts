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

// The fence keeps the second function behind the first: it reads what that has locked.
const LOCK_BATCH = `SELECT locked || jsonb_build_object('agents', read_locked_agents(locked -> 'agents')) AS locked
  FROM (SELECT lock_batch($1, $2, $3, $4, $5, $6, $7::date) AS locked OFFSET 0) batch`;

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
  return z.tuple([z.object({ locked: LockedRows })]).parse(rows)[0].locked;
}
