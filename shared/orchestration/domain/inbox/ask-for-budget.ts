import { formatUsd } from "../../../platform/money.ts";
import type { PhaseDue } from "../batch.ts";
import { type Board, type BoardAttempt, type BoardRun, change, nameTask, record, type Shortage } from "../board.ts";
import { endTask } from "../judge-tasks.ts";
import { logAttemptEnd } from "../log-task.ts";
import { pauseRun } from "../pause-run.ts";
import { release } from "../room.ts";
import { openItem } from "./open-item.ts";

/**
 * What becomes of a run whose budget refused an effect: it pauses and asks a person whether to raise the budget, to finish with what there
 * is, or to cancel. Who said to finish is not asked again. The board must hold everything open of the run.
 */
export function askForBudget(board: Board, run: BoardRun, shortage: Shortage | undefined): void {
  if (run.status !== "running") return;
  if (run.is_finishing && run.phase === "execute") return cutShort(board, run);
  pauseRun(board, run, "budget");
  openItem(board, run, { kind: "question", subject: { about: "budget", answers: answersIn(run), ...describe(shortage) } });
}

/** Only a plan that is being carried out can be finished early: what comes before it has nothing to show, what comes after is the finish. */
export function answersIn(run: BoardRun): string[] {
  return run.phase === "execute" ? ["raise", "finish", "cancel"] : ["raise", "cancel"];
}

function describe(shortage: Shortage | undefined) {
  if (shortage === undefined) return {};
  const { scope, limit_nano, spent_nano, held_nano, user_id, task_id, day } = shortage.budget;
  return {
    scope,
    user_id,
    task_id,
    day,
    limit_usd: limit_nano === null ? null : formatUsd(limit_nano),
    spent_usd: formatUsd(spent_nano),
    held_usd: formatUsd(held_nano),
    needed_usd: formatUsd(shortage.needed),
  };
}

/** Lets a run finish with what there is: what has not begun never will, and what is under way ends as far as the money goes. */
export function finishEarly(board: Board, run: BoardRun): void {
  change(board, "runs", run).is_finishing = true;
  cutShort(board, run);
}

/**
 * Cancels the tasks of the plan that have not begun, and those begun that wait for nothing but money. A cancelled task is no failure: the run
 * goes on to its review when nothing is open any more.
 */
export function cutShort(board: Board, run: BoardRun): void {
  for (const attempt of listPenniless(board, run)) {
    change(board, "attempts", attempt).status = "cancelled";
    attempt.version += 1;
    attempt.finished_at = board.now;
    release(board, attempt);
    logAttemptEnd(board, attempt);
    cancelTask(board, run, attempt.task_id, "no budget covers what it would do next");
  }
  for (const task of board.tasks.values()) {
    if (task.run_id === run.id && task.kind === "executor" && task.status === "pending") {
      cancelTask(board, run, task.id, "the run finishes with what there is");
    }
  }
  if (run.open_tasks === 0 && run.phase === "execute") {
    run.phase_due = (run.error === null ? { kind: "success", output: {} } : { kind: "failure", error: run.error }) satisfies PhaseDue;
  }
}

/** Attempts of the plan's tasks that wait for nothing but money. */
function listPenniless(board: Board, run: BoardRun): BoardAttempt[] {
  const waiting = new Set([...board.effects.values()].filter(isOpen).map((effect) => effect.attempt_id));
  return [...board.attempts.values()].filter(
    ({ id, run_id, status, task_id }) =>
      run_id === run.id && status === "running" && !waiting.has(id) && board.tasks.get(task_id)?.kind === "executor",
  );
}

function cancelTask(board: Board, run: BoardRun, taskId: string, reason: string): void {
  const task = board.tasks.get(taskId);
  if (task === undefined) return;
  endTask(board, task, "cancelled");
  change(board, "runs", run).open_tasks -= 1;
  record(board, run.id, { type: "task-cancelled", ...nameTask(task), reason });
}

function isOpen({ state }: { state: string }): boolean {
  return state === "due" || state === "running" || state === "parked" || state === "unknown";
}
