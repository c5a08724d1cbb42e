import * as z from "zod";
import { EffectError } from "../../effects/contracts/effect.ts";
import { TimestampColumn, UsdColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";
import { formatUsd } from "../../platform/money.ts";
import { PriceStatus } from "../../usage/contracts/price-status.ts";
import { RunStatus } from "../contracts/run-status.ts";
import { Replan } from "../domain/batch.ts";
import { boundIds } from "../domain/id-range.ts";
import { orderPlan } from "../domain/order-plan.ts";
import { PlanContract } from "../domain/plan-contract/plan-contract.ts";

export const RunSummaryRow = z.object({
  id: z.uuid(),
  task_id: z.uuid(),
  goal: z.string(),
  status: RunStatus,
  phase: z.string(),
  error: EffectError.nullable(),
  created_at: TimestampColumn,
  started_at: TimestampColumn.nullable(),
  finished_at: TimestampColumn.nullable(),
});

const SUMMARY = "r.id, r.root_task_id AS task_id, r.goal, r.status, r.phase, r.error, r.created_at, r.started_at, r.finished_at";

export type RunFilter = {
  status?: string | undefined;
  /** Stands in the goal, in any case. */
  query?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
  before: string | undefined;
  limit: number;
};

/**
 * Runs of the workspace that pursue a goal, newest first, after the run `before`. By id, the order of creation: what is created while somebody
 * turns the pages moves none of them.
 */
export async function listRuns(db: Queryable, filter: RunFilter) {
  const { lowest, highest } = boundIds(filter.created_after, filter.created_before);
  const { rows } = await db.query(
    `SELECT ${SUMMARY} FROM runs r WHERE NOT r.options ? 'call' AND ($1::text IS NULL OR r.status = $1)
      AND ($2::text IS NULL OR strpos(lower(r.goal), lower($2)) > 0)
      AND ($3::timestamptz IS NULL OR r.created_at >= $3) AND ($4::timestamptz IS NULL OR r.created_at < $4)
      AND r.id >= COALESCE($5::uuid, '00000000-0000-0000-0000-000000000000')
      AND r.id < COALESCE(LEAST($6::uuid, $7::uuid), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY r.id DESC LIMIT $8`,
    [
      filter.status ?? null,
      filter.query ?? null,
      filter.created_after ?? null,
      filter.created_before ?? null,
      lowest,
      highest,
      filter.before ?? null,
      filter.limit,
    ],
  );
  return z.array(RunSummaryRow).parse(rows);
}

const UsageGroup = z
  .object({
    model: z.string(),
    calls: z.int(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cost_nano: z.string().nullable(),
    price_status: PriceStatus,
  })
  .transform(({ cost_nano, ...row }) => ({ ...row, cost_usd: cost_nano === null ? null : formatUsd(BigInt(cost_nano)) }));

const RunViewRow = RunSummaryRow.extend({
  forked_from: z.object({ run_id: z.uuid(), task_id: z.uuid() }).nullable(),
  model: z.string(),
  event_seq: z.coerce.number().int(),
  result: JsonValue,
  replans: z.array(Replan.pick({ cause: true, detail: true })),
  replans_left: z.int(),
  contract: PlanContract.nullable(),
  tasks: z.array(
    z.object({
      id: z.uuid(),
      kind: z.enum(["planner", "executor", "critic", "summarizer", "call"]),
      ordinal: z.int(),
      name: z.string(),
      status: z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
      agent: z.string().nullable(),
      attempts: z.int(),
      is_paused: z.boolean(),
      estimated_duration_seconds: z.int().nullable(),
      duration_ms: z.int().nullable(),
      result: JsonValue,
      error: EffectError.nullable(),
    }),
  ),
  edges: z.array(z.tuple([z.uuid(), z.uuid()])),
  usage: z.array(UsageGroup),
  budget: z.object({ limit_usd: UsdColumn.nullable(), spent_usd: UsdColumn, held_usd: UsdColumn }),
  memories: z.array(z.object({ id: z.uuid(), content: z.string() })),
});

/** What the tasks of a run depend on, as ordinals: joined here, because a plan of 10,000 costs a database that nobody has analysed minutes. */
function nameDependencies({ edges, tasks, ...run }: z.infer<typeof RunViewRow>) {
  const ordinals = new Map(tasks.map((task) => [task.id, task.ordinal]));
  const parents = new Map<string, number[]>(tasks.map((task) => [task.id, []]));
  for (const [id, dependsOn] of edges) parents.get(id)?.push(ordinals.get(dependsOn) ?? 0);
  const depends = (id: string) => (parents.get(id) ?? []).toSorted((left, right) => left - right);
  const named = tasks.map((task) => ({ ...task, depends_on: depends(task.id) }));
  // In a run that was planned again, what failed or was cancelled belongs to a plan that is gone.
  const isGone = ({ status }: { status: string }) => run.replans.length > 0 && (status === "failed" || status === "cancelled");
  return { ...run, tasks: named, plan: orderByOrdinal(named.filter((task) => task.kind === "executor" && !isGone(task))) };
}

function orderByOrdinal(tasks: readonly { ordinal: number; depends_on: number[]; estimated_duration_seconds: number | null }[]) {
  const order = orderPlan(
    tasks.map(({ ordinal, depends_on, estimated_duration_seconds: seconds }) => ({
      id: String(ordinal),
      dependencies: depends_on.map(String),
      estimated_duration_seconds: seconds ?? 0,
    })),
  );
  return { ...order, levels: order.levels.map((level) => level.map(Number)), critical_path: order.critical_path.map(Number) };
}

/** Everything about one run, in one statement; undefined when the workspace has no such run. */
export async function findRun(db: Queryable, runId: string): Promise<ReturnType<typeof nameDependencies> | undefined> {
  const { rows } = await db.query(
    `SELECT ${SUMMARY}, r.event_seq::text, r.replans, r.replans_left, r.contract, r.options ->> 'model' AS model,
      CASE WHEN r.forked_from_run_id IS NOT NULL THEN jsonb_build_object('run_id', r.forked_from_run_id, 'task_id', r.forked_from_task_id) END AS forked_from, result.body AS result,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'ordinal', t.ordinal, 'name', t.name, 'status', t.status, 'agent', a.name,
          'attempts', t.attempts, 'is_paused', t.is_paused, 'estimated_duration_seconds', t.estimated_duration_seconds, 'duration_ms', (EXTRACT(EPOCH FROM t.completed_at - t.started_at) * 1000)::int, 'error', t.error, 'result', p.body
        ) ORDER BY t.created_at, t.ordinal, t.id)
        FROM tasks t LEFT JOIN agents a ON a.id = t.agent_id LEFT JOIN payloads p ON p.id = t.result_payload_id
        WHERE t.run_id = r.id AND t.kind <> 'goal'), '[]') AS tasks,
      COALESCE((SELECT jsonb_agg(jsonb_build_array(d.task_id, d.depends_on)) FROM task_dependencies d WHERE d.run_id = r.id), '[]') AS edges,
      COALESCE((
        SELECT jsonb_agg(to_jsonb(u) ORDER BY u.model) FROM (
          SELECT model, price_status, count(*)::int AS calls, sum(prompt_tokens)::int AS input_tokens, sum(completion_tokens)::int AS output_tokens,
            CASE WHEN bool_and(cost_nano IS NOT NULL) THEN sum(cost_nano)::text END AS cost_nano
          FROM llm_usage WHERE run_id = r.id GROUP BY model, price_status) u), '[]') AS usage,
      jsonb_build_object('limit_usd', b.limit_nano::text, 'spent_usd', b.spent_nano::text, 'held_usd', b.held_nano::text) AS budget,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', m.id, 'content', m.content) ORDER BY m.id) FROM memories m WHERE m.run_id = r.id), '[]') AS memories
    FROM runs r JOIN budgets b ON b.id = r.budget_id LEFT JOIN payloads result ON result.id = r.result_payload_id
    WHERE r.id = $1`,
    [runId],
  );
  return z.array(RunViewRow).parse(rows).map(nameDependencies)[0];
}
