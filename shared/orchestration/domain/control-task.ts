import type { EffectError } from "../../effects/contracts/effect.ts";
import type { PhaseDue } from "./batch.ts";
import { type Board, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";
import { cancelAttempts, dropUnclaimed } from "./end-run.ts";
import { hasEnded } from "./judge-steps.ts";
import { cancelDescendants, endTask } from "./judge-tasks.ts";
import { reserve } from "./money.ts";
import { listParked, startClocks, stopClocks } from "./pause-run.ts";
import { failPhase, planAgainOrFail } from "./plan-again.ts";
import { dropPlan } from "./plan-contract/ask-for-plan.ts";
import { takesSteps } from "./takes-steps.ts";

/** Why one task cannot be cancelled, paused or resumed by itself; undefined when it can. */
export function refuseControl(run: BoardRun, task: BoardTask): string | undefined {
  if (task.kind !== "executor") return `A ${task.kind} task belongs to its run as a whole; only a task of the plan stands alone`;
  if (hasEnded(run)) return `The run is ${run.status} already`;
  if (task.status === "completed" || task.status === "failed" || task.status === "cancelled") return `The task is ${task.status} already`;
  return undefined;
}

/**
 * Leaves a task out of its run, with everything that depends on it. Its attempt ends and its version rises, so that no step decided before
 * lands; unclaimed effects are cancelled and their holds given back; those under way report late. The run goes on with the rest, and fails
 * only when nothing is left that completed. Its subtasks that have not ended go with it: nobody else waits for them. The board must hold the
 * running attempts and the open effects of all these, and the descendants of the task.
 */
export function cancelTask(
  board: Board,
  run: BoardRun,
  task: BoardTask,
  { by, subtasks, isAnyCompleted }: { by: string; subtasks: readonly BoardTask[]; isAnyCompleted: boolean },
): void {
  cancelAlone(board, run, task, `by ${by}`);
  for (const subtask of subtasks) cancelAlone(board, run, subtask, `task ${task.ordinal} was cancelled`);
  cancelDescendants(board, run, task, "was cancelled");
  if (run.open_tasks > 0) return;
  // What failed before is planned again as ever; what a person left out is not.
  if (run.error !== null) planAgainOrFail(board, run, "failure", run.error);
  else if (isAnyCompleted) run.phase_due = { kind: "success", output: {} } satisfies PhaseDue;
  else failPhase(run, NOTHING_LEFT);
  dropPlan(board, run);
}

function cancelAlone(board: Board, run: BoardRun, task: BoardTask, reason: string): void {
  dropUnclaimed(board, (effect) => effect.task_id === task.id);
  cancelAttempts(board, (attempt) => attempt.task_id === task.id);
  endTask(board, task, "cancelled");
  withdrawItems(board, task);
  change(board, "runs", run).open_tasks -= 1;
  record(board, run.id, { type: "task-cancelled", ...nameTask(task), reason });
}

const NOTHING_LEFT: EffectError = { code: "task-cancelled", detail: "Every task of the plan was cancelled", retryable: false };

/** Nobody needs to decide any more what the task would have done, nor whether what it did is to be done again. */
function withdrawItems(board: Board, task: BoardTask): void {
  for (const item of board.items.values()) {
    if (item.task_id === task.id && item.state === "open") change(board, "items", item).state = "withdrawn";
  }
}

/** Stops a task from going on while its run does: nothing of it begins, what nobody has claimed is parked, answers under way are kept. */
export function pauseTask(board: Board, run: BoardRun, task: BoardTask, by: string): "paused" | "paused-already" {
  if (task.is_paused) return "paused-already";
  change(board, "tasks", task).is_paused = true;
  raiseVersions(board, task);
  for (const effect of board.effects.values()) {
    if (effect.task_id === task.id && effect.state === "due") change(board, "effects", effect).state = "parked";
  }
  stopClocks(board, (attempt) => attempt.task_id === task.id);
  record(board, run.id, { type: "task-paused", ...nameTask(task), by });
  return "paused";
}

/** Lets a paused task go on. While its run is paused its effects stay parked. */
export function resumeTask(board: Board, run: BoardRun, task: BoardTask, by: string): "resumed" | "not-paused" | "budget" {
  if (!task.is_paused) return "not-paused";
  const parked = listParked(board).filter((effect) => effect.task_id === task.id);
  if (takesSteps(run)) {
    for (const effect of parked) {
      const isHeld = board.holds.some((hold) => hold.effect_id === effect.id && hold.try === effect.try && hold.state === "held");
      if (!isHeld && !reserve(board, run, task.id, [effect], effect.try)) return "budget";
    }
    for (const effect of parked) {
      change(board, "effects", effect).state = "due";
      effect.sends = 1;
      effect.sent_at = board.now;
      board.resends.add(effect.id);
    }
  }
  change(board, "tasks", task).is_paused = false;
  raiseVersions(board, task);
  // Of a paused run it stands until that goes on.
  if (run.status === "running") startClocks(board, (attempt) => attempt.task_id === task.id);
  record(board, run.id, { type: "task-resumed", ...nameTask(task), by });
  return "resumed";
}

/** A step that was decided before is overtaken, and decided again from what is there now. */
function raiseVersions(board: Board, task: BoardTask): void {
  for (const attempt of board.attempts.values()) {
    if (attempt.task_id === task.id && attempt.status === "running") change(board, "attempts", attempt).version += 1;
  }
}
