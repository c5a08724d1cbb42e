import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";

const GivenPlan = z.object({
  body: JsonValue,
  /** What stands behind an agent whose model is 'default'. */
  default_model: z.string(),
});

/** The plan that a run was given by its caller, while nothing was planned; undefined otherwise. */
export async function findGivenPlan(db: Queryable, runId: string): Promise<z.infer<typeof GivenPlan> | undefined> {
  const { rows } = await db.query(
    `SELECT p.body, r.options ->> 'model' AS default_model FROM runs r JOIN payloads p ON p.id = (r.options ->> 'plan_payload_id')::uuid
    WHERE r.id = $1 AND r.plan_version = 0`,
    [runId],
  );
  return z.array(GivenPlan).parse(rows)[0];
}

const PlanRow = z.object({
  run_id: z.uuid(),
  tasks: z.array(z.object({ id: z.uuid(), ordinal: z.int(), name: z.string(), status: z.string(), estimated_duration_seconds: z.int() })),
  edges: z.array(z.object({ task_id: z.uuid(), depends_on: z.uuid() })),
});

/** The tasks of the plan that a task belongs to, and what each depends on; undefined when the workspace has no such task. */
export async function findPlanOfTask(db: Queryable, taskId: string): Promise<z.infer<typeof PlanRow> | undefined> {
  const { rows } = await db.query(
    `SELECT t.run_id,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', p.id, 'ordinal', p.ordinal, 'name', p.name, 'status', p.status,
          'estimated_duration_seconds', COALESCE(p.estimated_duration_seconds, 0)) ORDER BY p.ordinal)
        FROM tasks p WHERE p.run_id = t.run_id AND p.kind = 'executor'), '[]') AS tasks,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('task_id', d.task_id, 'depends_on', d.depends_on) ORDER BY d.task_id, d.depends_on)
        FROM task_dependencies d WHERE d.run_id = t.run_id), '[]') AS edges
    FROM tasks t WHERE t.id = $1`,
    [taskId],
  );
  return z.array(PlanRow).parse(rows)[0];
}
