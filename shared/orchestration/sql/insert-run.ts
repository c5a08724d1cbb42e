import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import type { NewPayload } from "../domain/batch.ts";
import type { PlanContract } from "../domain/plan-contract/plan-contract.ts";
import type { RunOptions } from "./read-startable.ts";

export type NewRun = {
  run_id: string;
  root_task_id: string;
  budget_id: string;
  workspace_id: string;
  user_id: string;
  goal: string;
  goal_sha256: string;
  options: RunOptions;
  /** The plan that the caller gave, if any; `options` names it. */
  plan?: NewPayload | undefined;
  /** Times that it may be planned again by itself. */
  replans: number;
  /** What its plan will be held to; null where nobody wants to be asked. */
  contract?: PlanContract | null;
  limit_nano: bigint | null;
  limit_usd: string | null;
  now: Date;
  deadline: Date;
};

/** The first line of a goal, as the name of its root task. */
function nameGoal(goal: string): string {
  return (goal.split("\n", 1)[0] ?? goal).slice(0, 200);
}

/**
 * A run, its root task, its budget, the plan it was given and the first fact of its log, in one statement. Does nothing when the run exists: the ids come from
 * an Idempotency-Key that may be tried again. True when it was inserted.
 */
export async function insertRun(db: Queryable, run: NewRun): Promise<boolean> {
  const fact = { type: "run-created", goal_sha256: run.goal_sha256, budget_usd: run.limit_usd };
  const { rowCount } = await db.query(
    `WITH run AS (
        INSERT INTO runs (id, workspace_id, user_id, root_task_id, goal, budget_id, options, deadline, event_seq, created_at, updated_at, replans_left, contract)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9, $16, $17) ON CONFLICT (id) DO NOTHING RETURNING id),
      root AS (
        INSERT INTO tasks (id, workspace_id, user_id, run_id, kind, name, description, status, created_at, started_at)
        SELECT $4, $2, $3, id, 'goal', $10, $5, 'in_progress', $9, $9 FROM run),
      budget AS (
        INSERT INTO budgets (id, workspace_id, scope, run_id, limit_nano, created_at) SELECT $6, $2, 'run', id, $11, $9 FROM run),
      plan AS (
        INSERT INTO payloads (id, workspace_id, run_id, sha256, body, created_at)
        SELECT $13::uuid, $2, id, $14, $15::jsonb, $9 FROM run WHERE $13::uuid IS NOT NULL),
      fact AS (
        INSERT INTO run_events (run_id, first, count, workspace_id, facts, created_at)
        SELECT id, 1, 1, $2, jsonb_build_array($12::jsonb), $9 FROM run)
    SELECT id FROM run`,
    [
      run.run_id,
      run.workspace_id,
      run.user_id,
      run.root_task_id,
      run.goal,
      run.budget_id,
      JSON.stringify(run.options),
      run.deadline,
      run.now,
      nameGoal(run.goal),
      run.limit_nano === null ? null : run.limit_nano.toString(),
      JSON.stringify(fact),
      run.plan?.id ?? null,
      run.plan?.sha256 ?? null,
      run.plan === undefined ? null : JSON.stringify(run.plan.body),
      run.replans,
      run.contract === undefined || run.contract === null ? null : JSON.stringify(run.contract),
    ],
  );
  return rowCount === 1;
}

/** The root task of a run that exists. */
export async function findRootTask(db: Queryable, runId: string): Promise<string> {
  const { rows } = await db.query("SELECT root_task_id FROM runs WHERE id = $1", [runId]);
  return z.tuple([z.object({ root_task_id: z.uuid() })]).parse(rows)[0].root_task_id;
}
