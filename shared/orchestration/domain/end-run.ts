import type { EffectError } from "../../effects/contracts/effect.ts";
import { type Board, type BoardAttempt, type BoardEffect, type BoardRun, change, nameTask, record } from "./board.ts";
import { dropEffect } from "./drop-effect.ts";
import { endTask } from "./judge-tasks.ts";
import { logAttemptEnd } from "./log-task.ts";
import { release } from "./room.ts";

export type RunEnd = { status: "cancelled"; by: string } | { status: "failed"; error: EffectError };

/**
 * Ends a run before its time: raises the epoch, so that no step decided before lands, marks every effect that nobody has claimed, gives
 * their holds back, and cancels what has not ended. Effects already claimed stay open until they report late or their lease ends.
 * The board must hold all open effects, running attempts and unfinished tasks of the run.
 */
export function endRun(board: Board, run: BoardRun, end: RunEnd): void {
  change(board, "runs", run).status = end.status;
  run.epoch += 1;
  run.phase = "end";
  run.finished_at = board.now;
  run.open_tasks = 0;
  run.phase_due = null;
  run.pause_reason = null;
  run.error = end.status === "failed" ? end.error : run.error;
  dropUnclaimed(board, (effect) => effect.run_id === run.id);
  cancelAttempts(board, (attempt) => attempt.run_id === run.id);
  cancelTasks(board, run, end);
  record(board, run.id, end.status === "failed" ? { type: "run-failed", error: end.error } : { type: "run-cancelled", by: end.by });
}

/** Marks the effects that nobody has claimed, and gives their holds back. */
export function dropUnclaimed(board: Board, isConcerned: (effect: BoardEffect) => boolean): void {
  for (const effect of board.effects.values()) {
    if (isConcerned(effect) && (effect.state === "due" || effect.state === "parked")) dropEffect(board, effect);
  }
}

/** Ends running attempts: whoever decided a step of theirs before comes late. Their agents have room again. */
export function cancelAttempts(board: Board, isConcerned: (attempt: BoardAttempt) => boolean): void {
  for (const attempt of board.attempts.values()) {
    if (!isConcerned(attempt) || attempt.status !== "running") continue;
    change(board, "attempts", attempt).status = "cancelled";
    attempt.version += 1;
    attempt.finished_at = board.now;
    release(board, attempt);
    logAttemptEnd(board, attempt);
  }
}

function cancelTasks(board: Board, run: BoardRun, end: RunEnd): void {
  for (const task of board.tasks.values()) {
    if (task.run_id !== run.id || (task.status !== "pending" && task.status !== "in_progress")) continue;
    if (task.id === run.root_task_id) {
      endTask(board, task, end.status);
      task.error = end.status === "failed" ? end.error : null;
      continue;
    }
    endTask(board, task, "cancelled");
    record(board, run.id, {
      type: "task-cancelled",
      ...nameTask(task),
      reason: `the run was ${end.status === "failed" ? "ended by a failure" : "cancelled"}`,
    });
  }
}
