import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { PlanContract } from "../domain/plan-contract/plan-contract.ts";

const Ground = z.object({
  task_id: z.uuid(),
  run_id: z.uuid(),
  subtask_depth: z.int(),
  priority: z.int(),
  max_depth: z.int(),
  is_divided: z.boolean(),
  is_finishing: z.boolean(),
  plan_version: z.int(),
  contract: PlanContract.nullable(),
  tasks: z.int(),
  last_ordinal: z.int(),
  parents: z.array(z.object({ id: z.uuid(), ordinal: z.int() })),
  budgets: z.array(z.object({ scope: z.string(), left_nano: z.string().transform(BigInt) })),
});

/** What proposals of these tasks are judged by: where they stand in their runs, and what is left of the budgets that they spend from. */
export async function readGrounds(db: Queryable, taskIds: readonly string[], now: Date): Promise<z.infer<typeof Ground>[]> {
  const { rows } = await db.query(
    `SELECT t.id AS task_id, t.run_id, t.subtask_depth, t.priority, r.is_finishing, r.plan_version, r.contract,
      COALESCE((r.options ->> 'max_subtask_depth')::int, 0) AS max_depth, plan.tasks, plan.last_ordinal,
      EXISTS (SELECT 1 FROM tasks s WHERE s.parent_task_id = t.id) AS is_divided,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', p.id, 'ordinal', p.ordinal) ORDER BY p.ordinal)
        FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on WHERE d.task_id = t.id), '[]') AS parents,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('scope', b.scope, 'left_nano', (b.limit_nano - b.spent_nano - b.held_nano)::text) ORDER BY b.id)
        FROM budgets b WHERE b.workspace_id = r.workspace_id AND b.limit_nano IS NOT NULL AND (b.id = r.budget_id OR b.task_id = t.id
          OR b.scope = 'workspace' OR b.scope = 'user' AND b.user_id = r.user_id
          OR b.scope = 'day' AND b.day = $2::date AND (b.user_id IS NULL OR b.user_id = r.user_id))), '[]') AS budgets
    FROM tasks t JOIN runs r ON r.id = t.run_id CROSS JOIN LATERAL (
      SELECT count(*)::int AS tasks, COALESCE(max(p.ordinal), 0) AS last_ordinal FROM tasks p WHERE p.run_id = r.id AND p.kind = 'executor') plan
    WHERE t.id = ANY ($1)`,
    [taskIds, now.toISOString().slice(0, 10)],
  );
  return z.array(Ground).parse(rows);
}
