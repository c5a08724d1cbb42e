import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { OpenRows } from "./lock-run.ts";

/** What has not ended in one task: its running attempt and its effects that are not answered. */
export async function readOpenRowsOfTask(db: Queryable, taskId: string): Promise<z.infer<typeof OpenRows>> {
  const { rows } = await db.query(
    `SELECT
      ARRAY(SELECT id FROM task_attempts WHERE task_id = $1 AND status = 'running') AS "attemptIds",
      ARRAY(SELECT id FROM effects WHERE attempt_id = ANY (ARRAY(SELECT id FROM task_attempts WHERE task_id = $1))
        AND state IN ('due', 'running', 'unknown', 'parked')) AS "effectIds",
      ARRAY[$1::uuid] AS "taskIds"`,
    [taskId],
  );
  return z.tuple([OpenRows]).parse(rows)[0];
}

/** Whether any task of the run's plan has completed. */
export async function hasCompletedTask(db: Queryable, runId: string): Promise<boolean> {
  const { rowCount } = await db.query("SELECT id FROM tasks WHERE run_id = $1 AND kind = 'executor' AND status = 'completed' LIMIT 1", [
    runId,
  ]);
  return rowCount === 1;
}
