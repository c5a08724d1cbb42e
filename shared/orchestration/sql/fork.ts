import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { toStorableText } from "../../platform/storable-json.ts";
import { RunStatus } from "../contracts/run-status.ts";
import type { NewPayload } from "../domain/batch.ts";
import type { Fact } from "../domain/events.ts";
import { RunOptions } from "./read-startable.ts";

const Nano = z.string().transform(BigInt);

const ForkSource = z.object({
  status: RunStatus,
  plan_version: z.int(),
  goal: z.string(),
  options: RunOptions,
  rest: z.object({ paid_nano: Nano, held_nano: Nano }),
  tasks: z.array(
    z.object({
      id: z.uuid(),
      ordinal: z.int(),
      name: z.string(),
      status: z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
      has_result: z.boolean(),
      result_sha256: z.string().nullable(),
      depends_on: z.array(z.uuid()),
      subtask_of: z.uuid().nullable(),
      paid_nano: Nano,
      held_nano: Nano,
      once: z.array(z.object({ effect_id: z.uuid(), seq: z.int(), tool: z.string().nullable() })),
      writes: z.array(z.string()),
    }),
  ),
});
export type ForkSource = z.infer<typeof ForkSource>;

/** What the completing attempt of each task was billed, an unknown price at its hold, and what all calls of all its attempts were held for. */
const COSTS = `
  SELECT a.task_id, COALESCE(sum(COALESCE(u.cost, e.worst_cost_nano)) FILTER (WHERE a.status = 'completed'), 0)::text AS paid,
    COALESCE(sum(GREATEST(e.worst_cost_nano, u.cost)), 0)::text AS held,
    COALESCE(jsonb_agg(jsonb_build_object('effect_id', e.id, 'seq', e.seq, 'tool', q.body ->> 'tool') ORDER BY e.attempt_id, e.seq)
      FILTER (WHERE e.safety = 'once' AND e.claimed_at IS NOT NULL), '[]') AS once,
    COALESCE(jsonb_agg(DISTINCT q.body #> '{arguments,path}') FILTER (WHERE q.body ->> 'tool' = 'write_file' AND e.state IN ('done', 'late')
      AND jsonb_typeof(q.body #> '{arguments,path}') = 'string'), '[]') AS writes
  FROM task_attempts a JOIN effects e ON e.attempt_id = a.id JOIN payloads q ON q.id = e.request_payload_id
    LEFT JOIN LATERAL (SELECT sum(COALESCE(cost_nano, e.worst_cost_nano)) AS cost FROM llm_usage WHERE effect_id = e.id) u ON true
  WHERE a.run_id = $1 GROUP BY a.task_id`;

/**
 * A run with its plan as a fork needs to know it: where it was planned again, its last plan with what had completed before, whose ordinals end
 * where the last planner was told. Undefined when the workspace has no such run. */
export async function readForkSource(db: Queryable, runId: string): Promise<ForkSource | undefined> {
  const { rows } = await db.query(
    `WITH costs AS (${COSTS})
    SELECT r.status, r.plan_version, r.goal, r.options,
      (SELECT jsonb_build_object('paid_nano', COALESCE(sum(c.paid::bigint), 0)::text, 'held_nano', COALESCE(sum(c.held::bigint), 0)::text)
        FROM tasks t JOIN costs c ON c.task_id = t.id WHERE t.run_id = r.id AND t.kind IN ('critic', 'summarizer')) AS rest,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('id', t.id, 'ordinal', t.ordinal, 'name', t.name, 'status', t.status,
          'has_result', p.id IS NOT NULL AND p.erased_at IS NULL, 'result_sha256', t.result_sha256, 'paid_nano', COALESCE(c.paid, '0'),
          'held_nano', COALESCE(c.held, '0'), 'once', COALESCE(c.once, '[]'), 'writes', COALESCE(c.writes, '[]'),
          'subtask_of', NULLIF(t.parent_task_id, r.root_task_id),
          'depends_on', ARRAY(SELECT d.depends_on FROM task_dependencies d WHERE d.task_id = t.id ORDER BY 1)) ORDER BY t.ordinal)
        FROM tasks t LEFT JOIN costs c ON c.task_id = t.id LEFT JOIN payloads p ON p.id = t.result_payload_id
        WHERE t.run_id = r.id AND t.kind = 'executor' AND (t.ordinal > earlier.last_ordinal OR t.status = 'completed')), '[]') AS tasks
    FROM runs r CROSS JOIN LATERAL (SELECT COALESCE((
        SELECT (briefing.body ->> 'last_ordinal')::int FROM tasks p JOIN task_attempts a ON a.task_id = p.id AND a.status = 'completed'
          JOIN payloads briefing ON briefing.id = a.briefing_payload_id
        WHERE p.run_id = r.id AND p.kind = 'planner' ORDER BY p.id DESC LIMIT 1), 0) AS last_ordinal) earlier
    WHERE r.id = $1`,
    [runId],
  );
  return z.array(ForkSource).parse(rows)[0];
}

const TaskCall = z.object({
  completed: z.boolean(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cached_input_tokens: z.int(),
  max_output_tokens: z.int(),
});

/** What the model was asked for a task, in tokens: what the same calls would cost with another. */
export async function readCallsOfTask(db: Queryable, taskId: string): Promise<z.infer<typeof TaskCall>[]> {
  const { rows } = await db.query(
    `SELECT a.status = 'completed' AS completed, u.prompt_tokens AS input_tokens, u.completion_tokens AS output_tokens,
      u.cached_tokens AS cached_input_tokens, (q.body ->> 'max_output_tokens')::int AS max_output_tokens
    FROM task_attempts a JOIN effects e ON e.attempt_id = a.id AND e.kind = 'llm' JOIN payloads q ON q.id = e.request_payload_id
      JOIN llm_usage u ON u.effect_id = e.id
    WHERE a.task_id = $1 ORDER BY a.number, e.seq`,
    [taskId],
  );
  return z.array(TaskCall).parse(rows);
}

export type NewFork = {
  run_id: string;
  root_task_id: string;
  budget_id: string;
  workspace_id: string;
  user_id: string;
  from_run_id: string;
  from_task_id: string;
  options: RunOptions;
  limit_nano: bigint | null;
  open_tasks: number;
  facts: readonly Fact[];
  tasks: readonly ForkedRow[];
  /** The result that a person gave, if any. */
  given: NewPayload | undefined;
  now: Date;
  deadline: Date;
};

/** A task of the fork and the one that it comes from. Fields that are null are taken from there. */
export type ForkedRow = {
  id: string;
  from_id: string;
  /** Null: the root. */
  parent_task_id: string | null;
  status: "pending" | "completed";
  depends_on: string[];
  pending: number;
  description: string | null;
  overrides: { model?: string; prompt_version?: string } | null;
  result_payload_id: string | null;
  result_sha256: string | null;
};

/**
 * A run that begins at its execute phase with the plan of another: its root, its budget, its tasks and edges, and the first facts of its log, in
 * one statement. Reused results are referred to, not copied: what is erased is erased everywhere. Does nothing when the run exists.
 */
export async function insertFork(db: Queryable, fork: NewFork): Promise<void> {
  await db.query(
    `WITH origin AS (SELECT goal FROM runs WHERE id = $4),
      run AS (
        INSERT INTO runs (id, workspace_id, user_id, root_task_id, goal, phase, plan_version, open_tasks, budget_id, options, forked_from_run_id,
          forked_from_task_id, deadline, event_seq, created_at, updated_at)
        SELECT $1, $2, $3, $5, goal, 'execute', 1, $6::int, $7, $8, $4, $9::uuid, $10, jsonb_array_length($11::jsonb), $12, $12 FROM origin
        ON CONFLICT (id) DO NOTHING RETURNING id, goal),
      root AS (
        INSERT INTO tasks (id, workspace_id, user_id, run_id, kind, name, description, status, created_at, started_at)
        SELECT $5, $2, $3, id, 'goal', left(split_part(goal, E'\\n', 1), 200), goal, 'in_progress', $12, $12 FROM run),
      budget AS (
        INSERT INTO budgets (id, workspace_id, scope, run_id, limit_nano, created_at) SELECT $7, $2, 'run', id, $13, $12 FROM run),
      given AS (
        INSERT INTO payloads (id, workspace_id, run_id, sha256, body, created_at)
        SELECT $14::uuid, $2, id, $15, $16::jsonb, $12 FROM run WHERE $14::uuid IS NOT NULL),
      planned AS (SELECT c.*, run.id AS run_id FROM run, jsonb_to_recordset($17::jsonb) AS c (id uuid, from_id uuid, parent_task_id uuid, status task_status,
        depends_on uuid[], pending int, description text, overrides jsonb, result_payload_id uuid, result_sha256 text)),
      task AS (
        INSERT INTO tasks (id, workspace_id, user_id, run_id, parent_task_id, kind, ordinal, name, description, status, complexity,
          required_capabilities, dependencies, pending_dependencies, agent_id, estimated_duration_seconds, actual_duration_seconds,
          fallback_strategy, policy, priority, requires_approval, overrides, forked_from, result_payload_id, result_sha256, created_at, started_at, completed_at,
          subtask_depth, proposer_notes)
        SELECT c.id, $2, $3, c.run_id, COALESCE(c.parent_task_id, $5), s.kind, s.ordinal, s.name, COALESCE(c.description, s.description), c.status, s.complexity,
          s.required_capabilities, c.depends_on, c.pending, s.agent_id, s.estimated_duration_seconds,
          CASE WHEN c.status = 'completed' THEN s.actual_duration_seconds END, s.fallback_strategy, s.policy, s.priority, s.requires_approval,
          COALESCE(c.overrides, s.overrides), s.id,
          CASE WHEN c.status = 'completed' THEN COALESCE(c.result_payload_id, s.result_payload_id) END,
          CASE WHEN c.status = 'completed' THEN COALESCE(c.result_sha256, s.result_sha256) END, $12,
          CASE WHEN c.status = 'completed' THEN s.started_at END, CASE WHEN c.status = 'completed' THEN COALESCE(s.completed_at, $12) END,
          s.subtask_depth, s.proposer_notes
        FROM planned c JOIN tasks s ON s.id = c.from_id AND s.run_id = $4),
      edge AS (
        INSERT INTO task_dependencies (task_id, depends_on, workspace_id, run_id)
        SELECT c.id, parent, $2, c.run_id FROM planned c, unnest(c.depends_on) AS parent),
      fact AS (
        INSERT INTO run_events (run_id, first, count, workspace_id, facts, created_at)
        SELECT id, 1, jsonb_array_length($11::jsonb), $2, $11::jsonb, $12 FROM run)
    SELECT id FROM run`,
    [
      fork.run_id,
      fork.workspace_id,
      fork.user_id,
      fork.from_run_id,
      fork.root_task_id,
      fork.open_tasks,
      fork.budget_id,
      JSON.stringify(fork.options),
      fork.from_task_id,
      fork.deadline,
      toStorableText(JSON.stringify(fork.facts)),
      fork.now,
      fork.limit_nano === null ? null : fork.limit_nano.toString(),
      fork.given?.id ?? null,
      fork.given?.sha256 ?? null,
      fork.given === undefined ? null : JSON.stringify(fork.given.body),
      toStorableText(JSON.stringify(fork.tasks)),
    ],
  );
}
