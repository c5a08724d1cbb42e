import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { formatUsd } from "../../platform/money.ts";
import { AgentRole } from "../contracts/agents.ts";
import { LEASE_LOST } from "../domain/log-task.ts";

export type Period = { from: string | undefined; to: string | undefined };

const AttemptCounts = z.object({ running: z.int(), completed: z.int(), failed: z.int(), cancelled: z.int() });

const OutcomesRow = z.object({
  id: z.uuid(),
  name: z.string(),
  role: AgentRole,
  attempts: AttemptCounts,
  lease_losses: z.int(),
  median_duration_seconds: z.number().nullable(),
  calls: z.int(),
  /** Null when the price of a call is unknown. */
  cost_usd: z
    .string()
    .transform((nano) => formatUsd(BigInt(nano)))
    .nullable(),
});
export type OutcomesRow = z.infer<typeof OutcomesRow>;

/**
 * What became of the attempts of each agent, counted by when they were assigned; its calls by when they were answered. One agent, or all of
 * the workspace by id after `after`.
 */
export async function readOutcomes(
  db: Queryable,
  filter: Period & { agentId: string | undefined; after: string | undefined; limit: number },
): Promise<OutcomesRow[]> {
  const { rows } = await db.query(
    `SELECT a.id, a.name, a.role, work.attempts, work.median_duration_seconds, lost.lease_losses, used.calls, used.cost_usd
    FROM agents a
    CROSS JOIN LATERAL (
      SELECT jsonb_build_object('running', count(*) FILTER (WHERE s.finished_at IS NULL),
          'completed', count(*) FILTER (WHERE s.status = 'completed'), 'failed', count(*) FILTER (WHERE s.status = 'failed'),
          'cancelled', count(*) FILTER (WHERE s.status = 'cancelled')) AS attempts,
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM s.finished_at - s.started_at)::float8)
          FILTER (WHERE s.status = 'completed'))::float8 AS median_duration_seconds
      FROM task_attempts s
      WHERE s.agent_id = a.id AND ($1::timestamptz IS NULL OR s.started_at >= $1) AND ($2::timestamptz IS NULL OR s.started_at < $2)) work
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS lease_losses FROM task_attempts s
        JOIN task_execution_logs l ON l.task_id = s.task_id AND l.metadata ->> 'code' = $6 AND (l.metadata ->> 'attempt')::int = s.number
      WHERE s.agent_id = a.id AND ($1::timestamptz IS NULL OR s.started_at >= $1) AND ($2::timestamptz IS NULL OR s.started_at < $2)) lost
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS calls,
        CASE WHEN count(*) = 0 THEN '0' WHEN bool_and(u.cost_nano IS NOT NULL) THEN sum(u.cost_nano)::text END AS cost_usd
      FROM llm_usage u
      WHERE u.workspace_id = a.workspace_id AND u.agent_id = a.id
        AND ($1::timestamptz IS NULL OR u.created_at >= $1) AND ($2::timestamptz IS NULL OR u.created_at < $2)) used
    WHERE ($3::uuid IS NULL OR a.id = $3) AND ($4::uuid IS NULL OR a.id > $4) ORDER BY a.id LIMIT $5`,
    [filter.from ?? null, filter.to ?? null, filter.agentId ?? null, filter.after ?? null, filter.limit, LEASE_LOST],
  );
  return z.array(OutcomesRow).parse(rows);
}

const ReviewsRow = z.object({
  agent_id: z.uuid(),
  model: z.string(),
  prompt_version: z.int(),
  reviews: z.int(),
  rightly_rejected: z.int(),
  wrongly_rejected: z.int(),
  wrongly_approved: z.int(),
  rightly_approved: z.int(),
});
export type ReviewsRow = z.infer<typeof ReviewsRow>;

/**
 * The verdicts of these agents beside what the acceptance checks had said of the results that they reviewed: of the attempts that had
 * completed before the review began. An attempt that failed has no result that a critic could see.
 */
export async function readReviews(db: Queryable, agentIds: readonly string[], period: Period): Promise<ReviewsRow[]> {
  const { rows } = await db.query(
    `WITH reviewed AS (
      SELECT v.agent_id, v.model, v.prompt_version, v.approved,
        (SELECT bool_or(NOT c.passed) FROM task_attempts a JOIN check_outcomes c ON c.attempt_id = a.id
          WHERE c.run_id = v.run_id AND a.status = 'completed' AND a.finished_at <= r.started_at) AS has_failed
      FROM review_verdicts v JOIN task_attempts r ON r.id = v.attempt_id
      WHERE v.agent_id = ANY ($1) AND ($2::timestamptz IS NULL OR v.created_at >= $2) AND ($3::timestamptz IS NULL OR v.created_at < $3))
    SELECT agent_id, model, prompt_version, count(*)::int AS reviews,
      count(*) FILTER (WHERE has_failed AND NOT approved)::int AS rightly_rejected,
      count(*) FILTER (WHERE NOT has_failed AND NOT approved)::int AS wrongly_rejected,
      count(*) FILTER (WHERE has_failed AND approved)::int AS wrongly_approved,
      count(*) FILTER (WHERE NOT has_failed AND approved)::int AS rightly_approved
    FROM reviewed GROUP BY agent_id, model, prompt_version ORDER BY agent_id, model, prompt_version`,
    [agentIds, period.from ?? null, period.to ?? null],
  );
  return z.array(ReviewsRow).parse(rows);
}
