import * as z from "zod";
import { TokenUsage } from "../../effects/contract.ts";
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
  tasks: z.array(
    z.object({
      id: z.uuid(),
      ordinal: z.int(),
      name: z.string(),
      status: z.string(),
      estimated_duration_seconds: z.int(),
      complexity: z.enum(["low", "medium", "high"]),
      required_capabilities: z.array(z.string()),
      agent_id: z.uuid().nullable(),
    }),
  ),
  edges: z.array(z.object({ task_id: z.uuid(), depends_on: z.uuid() })),
});

/** The tasks of the plan that a task belongs to, and what each depends on; undefined when the workspace has no such task. */
export async function findPlanOfTask(db: Queryable, taskId: string): Promise<z.infer<typeof PlanRow> | undefined> {
  const { rows } = await db.query(
    `SELECT t.run_id,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', p.id, 'ordinal', p.ordinal, 'name', p.name, 'status', p.status,
          'complexity', p.complexity, 'required_capabilities', p.required_capabilities, 'agent_id', p.agent_id,
          'estimated_duration_seconds', COALESCE(p.estimated_duration_seconds, 0)) ORDER BY p.ordinal)
        FROM tasks p WHERE p.run_id = t.run_id AND p.kind = 'executor'
          -- In a run that was planned again, what failed or was cancelled belongs to a plan that is gone.
          AND (r.replans = '[]' OR p.status NOT IN ('failed', 'cancelled'))), '[]') AS tasks,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('task_id', d.task_id, 'depends_on', d.depends_on) ORDER BY d.task_id, d.depends_on)
        FROM task_dependencies d WHERE d.run_id = t.run_id), '[]') AS edges
    FROM tasks t JOIN runs r ON r.id = t.run_id WHERE t.id = $1`,
    [taskId],
  );
  return z
    .array(PlanRow)
    .parse(rows)
    .map((plan) => {
      // Here, because such a join costs a database that nobody has analysed minutes for 10,000 tasks.
      const known = new Set(plan.tasks.map(({ id }) => id));
      return { ...plan, edges: plan.edges.filter(({ task_id: id }) => known.has(id)) };
    })[0];
}

const PastTaskRow = z.object({
  kind: z.enum(["planner", "executor", "critic", "summarizer"]),
  tools: z.array(z.string()),
  complexity: z.enum(["low", "medium", "high"]),
  seconds: z.number(),
  calls: z.array(TokenUsage),
});

/**
 * The newest tasks of the workspace that completed, at most 300 of plans and 50 of each kind around them: how long all their attempts worked, and
 * what their models were asked. What was skipped, or reused by a fork, has not been worked on.
 */
export async function readPastTasks(db: Queryable, workspaceId: string): Promise<z.infer<typeof PastTaskRow>[]> {
  const { rows } = await db.query(
    `WITH past AS (
        SELECT t.* FROM (VALUES ('executor', 300), ('planner', 50), ('critic', 50), ('summarizer', 50)) AS wanted (kind, most) CROSS JOIN LATERAL (
          SELECT id, run_id, kind, required_capabilities, complexity FROM tasks
          WHERE workspace_id = $1 AND kind = wanted.kind AND status = 'completed' AND error IS NULL AND attempts > 0
          ORDER BY id DESC LIMIT wanted.most) t),
      used AS (
        SELECT u.task_id, jsonb_agg(jsonb_build_object('model', u.model, 'input_tokens', u.prompt_tokens, 'output_tokens', u.completion_tokens,
          'cached_input_tokens', u.cached_tokens)) AS calls
        FROM llm_usage u WHERE u.run_id = ANY (ARRAY(SELECT DISTINCT run_id FROM past)) AND u.task_id = ANY (ARRAY(SELECT id FROM past))
        GROUP BY u.task_id)
    SELECT p.kind, p.required_capabilities AS tools, p.complexity, COALESCE(u.calls, '[]') AS calls,
      (SELECT COALESCE(sum(EXTRACT(EPOCH FROM a.finished_at - a.started_at)), 0)::float8 FROM task_attempts a WHERE a.task_id = p.id) AS seconds
    FROM past p LEFT JOIN used u ON u.task_id = p.id`,
    [workspaceId],
  );
  return z.array(PastTaskRow).parse(rows);
}
