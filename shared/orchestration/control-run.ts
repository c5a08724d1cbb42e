import type { Actor } from "../platform/db/database.ts";
import { AppError, conflict, notFound } from "../platform/errors.ts";
import type { NanoDollars } from "../platform/money.ts";
import { changeRun } from "./change-run.ts";
import type { RunDeps } from "./deps.ts";
import type { BoardRun } from "./domain/board.ts";
import { endRun } from "./domain/end-run.ts";
import { hasEnded } from "./domain/judge-steps.ts";
import { pauseRun as pauseOnBoard, resumeRun as resumeOnBoard } from "./domain/pause-run.ts";
import { readWatch } from "./sql/lock-run.ts";

type RunAnswer = { run_id: string; status: "running" | "paused" | "cancelled" };

/**
 * Cancels a run. Once this has answered, no effect of the run is claimed and no step decided before lands.
 * @throws AppError `not-found`; `conflict` when the run has ended
 */
export async function cancelRun(deps: RunDeps, actor: Actor & { role: "app" }, runId: string): Promise<RunAnswer> {
  const seq = await sendAwakeWatchdog(deps, actor, runId);
  const execution = await changeRun(deps, actor, runId, "open", (board, run) => {
    if (hasEnded(run)) throw conflict(`The run is ${run.status} already`);
    endRun(board, run, { status: "cancelled", by: actor.userId });
    replaceChain(run, seq);
    return `${run.id}-${run.execution_number}`;
  });
  if (execution === undefined) throw notFound("The run");
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
  const seq = await sendAwakeWatchdog(deps, actor, runId);
  const resumed = await changeRun(deps, actor, runId, "open", (board, run) => {
    const outcome = resumeOnBoard(board, run, limit);
    if (outcome === "not-paused") throw conflict(`The run is ${run.status}, so it cannot be resumed`);
    if (outcome === "unapproved") throw new AppError("plan-unapproved", "The plan waits for its approval in the inbox");
    if (outcome === "budget") throw conflict("The budget does not cover what the run waits for");
    replaceChain(run, seq);
    return true;
  });
  if (resumed === undefined) throw notFound("The run");
  await deps.outbox.sendHint(runId);
  return { run_id: runId, status: "running" };
}

/**
 * The watchdog of a paused run may sleep until its deadline, so a decision begins a chain that is awake. Its message is sent before the
 * commit: a crash after the commit then finds it, and without the commit it dies. Answers the number of the chain so far.
 */
export async function sendAwakeWatchdog(deps: RunDeps, actor: Actor, runId: string): Promise<number> {
  const watch = await deps.db.transact(actor, (db) => readWatch(db, runId, deps.now()));
  if (watch === undefined) throw notFound("The run");
  await deps.outbox.sendWatchdog({ run_id: runId, seq: watch.seq + 1 }, deps.watchdogSeconds);
  return watch.seq;
}

/** Another chain that was begun meanwhile is awake too. */
export function replaceChain(run: BoardRun, seq: number): void {
  if (run.watchdog_seq === seq) run.watchdog_seq += 1;
}
