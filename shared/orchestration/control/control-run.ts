import type { Actor } from "../../platform/db/database.ts";
import { AppError, conflict, notFound } from "../../platform/errors.ts";
import type { NanoDollars } from "../../platform/money.ts";
import { changeRun } from "../commit/change-run.ts";
import type { RunDeps } from "../deps.ts";
import { endRun } from "../domain/end-run.ts";
import { hasEnded } from "../domain/judge-steps.ts";
import { pauseRun as pauseOnBoard, resumeRun as resumeOnBoard } from "../domain/pause-run.ts";
import { changeAwake } from "./change-awake.ts";

type RunAnswer = { run_id: string; status: "running" | "paused" | "cancelled" };

/**
 * Cancels a run. Once this has answered, no effect of the run is claimed and no step decided before lands.
 * @throws AppError `not-found`; `conflict` when the run has ended
 */
export async function cancelRun(deps: RunDeps, actor: Actor & { role: "app" }, runId: string): Promise<RunAnswer> {
  const execution = await changeAwake(deps, actor, runId, "open", (board, run) => {
    if (hasEnded(run)) throw conflict(`The run is ${run.status} already`);
    endRun(board, run, { status: "cancelled", by: actor.userId });
    return `${run.id}-${run.execution_number}`;
  });
  // After the commit, and not waited for in vain: the watchdog stops it again.
  await deps.outbox.stopExecution(execution, "cancelled").catch((error: unknown) => {
    deps.log("the state machine of a cancelled run could not be stopped", { run_id: runId, error: String(error) });
  });
  return { run_id: runId, status: "cancelled" };
}

/** @throws AppError `not-found`; `conflict` when the run does not go on */
export async function pauseRun(deps: RunDeps, actor: Actor & { role: "app" }, runId: string): Promise<RunAnswer> {
  const paused = await changeRun(deps, actor, runId, "open", (board, run) => {
    if (!pauseOnBoard(board, run, `by ${actor.userId}`)) throw conflict(`The run is ${run.status}, so it cannot be paused`);
    return true;
  });
  if (paused === undefined) throw notFound("The run");
  return { run_id: runId, status: "paused" };
}

/**
 * Lets a paused run go on; `limit` replaces its budget.
 * @throws AppError `not-found`; `conflict` when it is not paused or the budget still does not cover what waits
 */
export async function resumeRun(
  deps: RunDeps,
  actor: Actor & { role: "app" },
  runId: string,
  limit: NanoDollars | undefined,
): Promise<RunAnswer> {
  await changeAwake(deps, actor, runId, "open", (board, run) => {
    const outcome = resumeOnBoard(board, run, limit);
    if (outcome === "not-paused") throw conflict(`The run is ${run.status}, so it cannot be resumed`);
    if (outcome === "unapproved") throw new AppError("plan-unapproved", "The plan waits for its approval in the inbox");
    if (outcome === "budget") throw conflict("The budget does not cover what the run waits for");
  });
  await deps.outbox.sendHint(runId);
  return { run_id: runId, status: "running" };
}
