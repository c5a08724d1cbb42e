import type { Queryable } from "../../platform/db/database.ts";
import type { TaskChange } from "../contracts/tasks.ts";

/**
 * Changes a task that has not begun; fields that are absent stay. False when it has begun, or is not there. Its run must be locked. Who says
 * that it needs no approval means also the one that its policy asks for.
 */
export async function updateTask(db: Queryable, taskId: string, change: TaskChange, now: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE tasks SET name = COALESCE($2, name), description = COALESCE($3, description), complexity = COALESCE($4::task_complexity, complexity),
      required_capabilities = COALESCE($5::text[], required_capabilities), estimated_duration_seconds = COALESCE($6, estimated_duration_seconds),
      priority = priority + CASE WHEN $6::int IS NULL THEN 0 ELSE GREATEST($6::int, 1) - GREATEST(estimated_duration_seconds, 1) END,
      fallback_strategy = COALESCE($7, fallback_strategy), requires_approval = COALESCE($8::boolean, requires_approval),
      policy = COALESCE($9::jsonb, policy) - CASE WHEN $8::boolean = false THEN ARRAY['requires_approval'] ELSE '{}' END,
      agent_id = COALESCE($10::uuid, agent_id), revision = revision + 1, updated_at = $11
    WHERE id = $1 AND kind = 'executor' AND status = 'pending' AND attempts = 0`,
    [
      taskId,
      change.name ?? null,
      change.description ?? null,
      change.complexity ?? null,
      change.required_capabilities ?? null,
      change.estimated_duration_seconds ?? null,
      change.fallback_strategy ?? null,
      change.requires_approval ?? null,
      change.policy === undefined ? null : JSON.stringify(change.policy),
      change.agent_id ?? null,
      now,
    ],
  );
  return rowCount === 1;
}
