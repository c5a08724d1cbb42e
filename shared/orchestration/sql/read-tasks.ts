import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { Task } from "../contracts/tasks.ts";

/** A task as the API shows it, but for how the driver gives timestamps. */
const TaskViewRow = Task.extend({
  created_at: TimestampColumn,
  started_at: TimestampColumn.nullable(),
  completed_at: TimestampColumn.nullable(),
});
export type TaskViewRow = z.infer<typeof TaskViewRow>;

const TASK = `t.id, t.run_id, t.parent_task_id, t.kind, t.ordinal, t.name, t.description, t.status, t.complexity, t.required_capabilities,
  t.dependencies, t.attempts, t.is_paused, t.requires_approval, t.policy, t.fallback_strategy, t.agent_id, t.estimated_duration_seconds, t.actual_duration_seconds, p.body AS result, t.error, t.created_at,
  t.started_at, t.completed_at`;

/** A task with its result; undefined when the workspace has no such task. */
export async function findTask(db: Queryable, taskId: string): Promise<TaskViewRow | undefined> {
  const { rows } = await db.query(`SELECT ${TASK} FROM tasks t LEFT JOIN payloads p ON p.id = t.result_payload_id WHERE t.id = $1`, [
    taskId,
  ]);
  return z.array(TaskViewRow).parse(rows)[0];
}

/** Tasks of the workspace, newest first, after the task `before`: those of one run, or the goals. */
export async function listTasks(
  db: Queryable,
  filter: { runId: string | undefined; status: string | undefined; before: string | undefined; limit: number },
): Promise<TaskViewRow[]> {
  const { rows } = await db.query(
    `SELECT ${TASK} FROM tasks t LEFT JOIN payloads p ON p.id = t.result_payload_id
    WHERE CASE WHEN $1::uuid IS NULL THEN t.kind = 'goal' ELSE t.run_id = $1 END
      AND ($2::task_status IS NULL OR t.status = $2) AND ($3::uuid IS NULL OR t.id < $3)
    ORDER BY t.id DESC LIMIT $4`,
    [filter.runId ?? null, filter.status ?? null, filter.before ?? null, filter.limit],
  );
  return z.array(TaskViewRow).parse(rows);
}
