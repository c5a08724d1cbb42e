import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { Task } from "../contracts/tasks.ts";
import { boundIds } from "../domain/id-range.ts";

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

export type TaskFilter = {
  run_id?: string | undefined;
  parent_task_id?: string | undefined;
  kind?: string | undefined;
  status?: string | undefined;
  /** Stands in the name or the description, in any case. */
  query?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
  before: string | undefined;
  limit: number;
};

/**
 * Tasks of the workspace, newest first, after the task `before`: those of a run, below a parent or of a kind, or else the goals. Each of these has
 * a text of its own, because one condition for all of them could use no index. By id, the order of creation: what is created while somebody turns
 * the pages moves none of them.
 */
export async function listTasks(db: Queryable, filter: TaskFilter): Promise<TaskViewRow[]> {
  const { lowest, highest } = boundIds(filter.created_after, filter.created_before);
  const { rows } = await db.query(
    `SELECT ${TASK} FROM tasks t LEFT JOIN payloads p ON p.id = t.result_payload_id
    WHERE ${chooseScope(filter)} AND ($2::text IS NULL OR t.kind = $2) AND ($3::task_status IS NULL OR t.status = $3)
      AND ($4::text IS NULL OR strpos(lower(t.name), lower($4)) > 0 OR strpos(lower(t.description), lower($4)) > 0)
      AND ($5::timestamptz IS NULL OR t.created_at >= $5) AND ($6::timestamptz IS NULL OR t.created_at < $6)
      AND t.id >= COALESCE($7::uuid, '00000000-0000-0000-0000-000000000000')
      AND t.id < COALESCE(LEAST($8::uuid, $9::uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY t.id DESC LIMIT $10`,
    [
      filter.run_id ?? filter.parent_task_id ?? null,
      filter.kind ?? null,
      filter.status ?? null,
      filter.query ?? null,
      filter.created_after ?? null,
      filter.created_before ?? null,
      lowest,
      highest,
      filter.before ?? null,
      filter.limit,
      ...(filter.run_id !== undefined && filter.parent_task_id !== undefined ? [filter.parent_task_id] : []),
    ],
  );
  return z.array(TaskViewRow).parse(rows);
}

/** The most selective condition, on $1. */
function chooseScope({ run_id, parent_task_id, kind }: TaskFilter): string {
  if (run_id !== undefined) return `t.run_id = $1::uuid${parent_task_id === undefined ? "" : " AND t.parent_task_id = $11::uuid"}`;
  if (parent_task_id !== undefined) return "t.parent_task_id = $1::uuid";
  return `$1::uuid IS NULL${kind === undefined ? " AND t.kind = 'goal'" : ""}`;
}
