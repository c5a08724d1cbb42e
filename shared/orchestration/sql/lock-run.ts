import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";

/** Takes the lock that every writer of this run takes first. False when there is no such run to see. */
export async function lockRun(db: Queryable, runId: string): Promise<boolean> {
  const { rowCount } = await db.query("SELECT id FROM runs WHERE id = $1 FOR NO KEY UPDATE", [runId]);
  return rowCount === 1;
}

export const OpenRows = z.object({ attemptIds: z.array(z.uuid()), effectIds: z.array(z.uuid()), taskIds: z.array(z.uuid()) });

/** Everything in a run that has not ended: running attempts, effects that are not answered, tasks that are not finished. */
export async function readOpenRows(db: Queryable, runId: string): Promise<z.infer<typeof OpenRows>> {
  const { rows } = await db.query(
    `SELECT
      ARRAY(SELECT id FROM task_attempts WHERE run_id = $1 AND status = 'running') AS "attemptIds",
      ARRAY(SELECT id FROM effects WHERE run_id = $1 AND state IN ('due', 'running', 'unknown', 'parked')) AS "effectIds",
      ARRAY(SELECT id FROM tasks WHERE run_id = $1 AND status IN ('pending', 'in_progress')
        UNION SELECT task_id FROM effects WHERE run_id = $1 AND state IN ('due', 'running', 'unknown', 'parked')) AS "taskIds"`,
    [runId],
  );
  return z.tuple([OpenRows]).parse(rows)[0];
}

const Watch = z.object({
  /** Of the message that counts. */
  seq: z.int(),
  needed: z.boolean(),
  /** It has come to its end, well or not. */
  ended: z.boolean(),
  /** Past its deadline. */
  expired: z.boolean(),
  /**
   * Without a contact under way and without an answer owed, a run that is paused, or whose open tasks are paused or ask a person, all of them,
   * waits for one.
   */
  sleeps_until: TimestampColumn.nullable(),
  /** When the next task that waits may begin, or the time of the next attempt is up. */
  due_at: TimestampColumn.nullable(),
  phase_token: z.string().nullable(),
  /** The state machine of a cancelled run, by name. */
  cancelled_execution: z.string().nullable(),
});

export type Watch = z.infer<typeof Watch>;

/** What a run's watchdog must know before it looks further. Undefined: there is no such run. */
export async function readWatch(db: Queryable, runId: string, now: Date): Promise<Watch | undefined> {
  const { rows } = await db.query(
    `SELECT watchdog_seq AS seq, phase_token, deadline < $2::timestamptz AS expired,
      CASE WHEN status = 'cancelled' THEN id || '-' || execution_number END AS cancelled_execution,
      status IN ('pending', 'running', 'paused') OR is_contacting AS needed, finished_at IS NOT NULL AS ended,
      CASE WHEN phase_due IS NULL AND deadline >= $2::timestamptz AND NOT is_contacting
        AND COALESCE(LEAST(next_expiry, next_timeout) > $2::timestamptz, true)
        AND (status = 'paused' OR status = 'running' AND (is_asking OR has_paused)
          AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.run_id = runs.id AND t.status = 'pending' AND t.pending_dependencies = 0 AND NOT t.is_paused)
          AND NOT EXISTS (SELECT 1 FROM task_attempts a WHERE a.run_id = runs.id AND a.status = 'running'
            AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = a.task_id AND t.is_paused)
            AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.attempt_id = a.id AND e.state IN ('parked', 'unknown'))))
        THEN LEAST(deadline, next_expiry, next_timeout) END AS sleeps_until,
      CASE WHEN status = 'running' THEN LEAST(
        (SELECT min(not_before) FROM tasks t WHERE t.run_id = runs.id AND t.status = 'pending' AND t.not_before > $2::timestamptz),
        (SELECT min(deadline_at) FROM task_attempts a WHERE a.run_id = runs.id AND a.status = 'running' AND a.deadline_at > $2::timestamptz))
      END AS due_at
    FROM runs,
      LATERAL (SELECT EXISTS (SELECT 1 FROM effects e WHERE e.run_id = runs.id AND e.state IN ('due', 'running')) AS is_contacting) contacts,
      LATERAL (SELECT count(*) > 0 AS is_asking, min(expires_at) AS next_expiry FROM inbox_items i WHERE i.run_id = runs.id AND i.state = 'open') asked,
      LATERAL (SELECT EXISTS (SELECT 1 FROM tasks t WHERE t.run_id = runs.id AND t.is_paused AND t.status IN ('pending', 'in_progress')) AS has_paused) paused,
      LATERAL (SELECT min(deadline_at) AS next_timeout FROM task_attempts a WHERE a.run_id = runs.id AND a.status = 'running') timeouts
    WHERE id = $1`,
    [runId, now],
  );
  return z.array(Watch).parse(rows)[0];
}

/** Lets the watchdog after number `seq` be the one that counts. False when it was not `seq` that counted: then somebody else has looked. */
export async function raiseWatchdog(db: Queryable, runId: string, seq: number): Promise<boolean> {
  const { rowCount } = await db.query("UPDATE runs SET watchdog_seq = watchdog_seq + 1 WHERE id = $1 AND watchdog_seq = $2", [runId, seq]);
  return rowCount === 1;
}
