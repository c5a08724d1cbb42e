import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { OpenRows } from "./lock-run.ts";

/** What has not ended in one task and in its subtasks at any depth: tasks, running attempts, effects that are not answered. */
export async function readOpenRowsOfTask(db: Queryable, taskId: string): Promise<z.infer<typeof OpenRows>> {
  const { rows } = await db.query(
    `WITH RECURSIVE part (id) AS (
        SELECT $1::uuid UNION SELECT t.id FROM part JOIN tasks t ON t.parent_task_id = part.id
        WHERE t.kind = 'executor' AND t.status IN ('pending', 'in_progress')),
      attempt AS (SELECT id, status FROM task_attempts WHERE task_id = ANY (ARRAY(SELECT id FROM part)))
    SELECT
      ARRAY(SELECT id FROM attempt WHERE status = 'running') AS "attemptIds",
      ARRAY(SELECT id FROM effects WHERE attempt_id = ANY (ARRAY(SELECT id FROM attempt))
        AND state IN ('due', 'running', 'unknown', 'parked')) AS "effectIds",
      ARRAY(SELECT id FROM part) AS "taskIds"`,
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
