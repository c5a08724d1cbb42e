import * as z from "zod";
import { TaskPolicy } from "../../agents/contracts/task-policy.ts";
import type { Queryable } from "../../platform/db/database.ts";

const PlanToApprove = z.object({
  goal: z.string(),
  files: z.array(z.object({ path: z.string() })),
  /** What stands behind an agent whose model is 'default'. */
  default_model: z.string(),
  limit_nano: z.string().transform(BigInt).nullable(),
  tasks: z.array(
    z.object({
      id: z.uuid(),
      ordinal: z.int(),
      name: z.string(),
      description: z.string(),
      required_capabilities: z.array(z.string()),
      complexity: z.enum(["low", "medium", "high"]),
      policy: TaskPolicy,
      agent_id: z.uuid().nullable(),
      dependencies: z.array(z.uuid()),
    }),
  ),
});

/** The tasks of a run that are still to come, with all that a person has to know of them. */
export async function readPlanToApprove(db: Queryable, runId: string): Promise<z.infer<typeof PlanToApprove>> {
  const { rows } = await db.query(
    `SELECT r.goal, r.options -> 'files' AS files, r.options ->> 'model' AS default_model, b.limit_nano::text AS limit_nano,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', t.id, 'ordinal', t.ordinal, 'name', t.name, 'description', t.description,
          'required_capabilities', t.required_capabilities, 'complexity', t.complexity, 'policy', t.policy, 'agent_id', t.agent_id,
          'dependencies', ARRAY(SELECT d.depends_on FROM task_dependencies d WHERE d.task_id = t.id ORDER BY 1)) ORDER BY t.ordinal)
        FROM tasks t WHERE t.run_id = r.id AND t.kind = 'executor' AND t.status = 'pending'), '[]') AS tasks
    FROM runs r JOIN budgets b ON b.id = r.budget_id WHERE r.id = $1`,
    [runId],
  );
  return z.tuple([PlanToApprove]).parse(rows)[0];
}
