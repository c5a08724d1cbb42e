import { hashJson } from "../../platform/hash.ts";
import { formatUsd, type NanoDollars } from "../../platform/money.ts";
import type { RunDeps } from "../deps.ts";
import type { NewPayload } from "../domain/batch.ts";
import { NO_PLAN_YET } from "../domain/plan-contract/plan-contract.ts";
import { findRootTask, insertRun } from "../sql/insert-run.ts";
import type { RunOptions } from "../sql/read-startable.ts";
import { startExecutionOf } from "../watchdog/start-execution.ts";

/** How long a run may take from beginning to end. */
export const RUN_SECONDS = 24 * 60 * 60;

export type RunRequest = {
  /** The id that the run will have; the same one again creates nothing. */
  runId: string;
  workspaceId: string;
  userId: string;
  goal: string;
  files: RunOptions["files"];
  model: string;
  /** The plan as a payload, where the caller has given one: then no planner is asked. */
  plan?: NewPayload | undefined;
  /** Times that the run may be planned again by itself; none unless told. */
  replans?: number;
  /** Its plan waits for a person's approval, and is held to it. */
  planOnly?: boolean;
  /** How deep below the plan executors may divide their tasks; not at all unless told. */
  subtaskDepth?: number;
  /** Null: no limit of its own. */
  limit: NanoDollars | null;
};

/**
 * Creates a run and starts its state machine. The watchdog's first message goes out before the commit: a crash after the commit then finds
 * a watchdog, and a message whose run was never committed is dropped. Safe to call again with the same id.
 */
export async function createRun(deps: RunDeps, request: RunRequest): Promise<{ runId: string; rootTaskId: string }> {
  const { runId, workspaceId, userId, plan } = request;
  const now = deps.now();
  const rootTaskId = deps.newId();
  await deps.outbox.sendWatchdog({ run_id: runId, seq: 1 }, deps.watchdogSeconds);
  const stored = await deps.db.transact({ role: "app", workspaceId, userId }, async (db) => {
    const inserted = await insertRun(db, {
      run_id: runId,
      root_task_id: rootTaskId,
      budget_id: deps.newId(),
      workspace_id: workspaceId,
      user_id: userId,
      goal: request.goal,
      goal_sha256: hashJson(request.goal),
      options: {
        model: request.model,
        files: request.files,
        ...(plan === undefined ? {} : { plan_payload_id: plan.id }),
        ...(request.subtaskDepth === undefined ? {} : { max_subtask_depth: request.subtaskDepth }),
      },
      plan,
      replans: request.replans ?? 0,
      contract: request.planOnly === true ? NO_PLAN_YET : null,
      limit_nano: request.limit,
      limit_usd: request.limit === null ? null : formatUsd(request.limit),
      now,
      deadline: new Date(now.getTime() + RUN_SECONDS * 1_000),
    });
    return inserted ? rootTaskId : findRootTask(db, runId);
  });
  await startExecutionOf(deps, runId, { role: "app", workspaceId, userId });
  return { runId, rootTaskId: stored };
}
