import type { EffectError } from "../../effects/contracts/effect.ts";
import { cutDetail } from "../../effects/cut-detail.ts";
import { type Board, type BoardAttempt, type BoardRun, type BoardTask, change, type Failure, nameTask, record } from "./board.ts";
import { endTask, phaseEnds } from "./judge-tasks.ts";
import { type Course, planRetry } from "./plan-retry.ts";

type Place = { run: BoardRun; task: BoardTask; attempt: BoardAttempt };

/** What the failure of an attempt means for its task: tried again, now or later, by its fallback, skipped, or failed with all that follow. */
export function failTask(board: Board, place: Place, failure: Failure): void {
  const { run, task, attempt } = place;
  const { error, is_unsafe, spared_attempts } = failure;
  const failed = { task_id: task.id, number: attempt.number - spared_attempts, error, on_fallback: task.on_fallback, is_unsafe };
  const course = planRetry(task.policy, failed, board.now);
  switch (course.kind) {
    case "retry":
      return tryAgain(board, place, error, course.not_before);
    case "fallback":
      return fallBack(board, place, failure, course);
    case "skip":
      return skip(board, place, error);
    case "fail":
      endTask(board, task, "failed");
      task.error = error;
      record(board, run.id, { type: "task-failed", ...nameTask(task), attempt: attempt.number, error });
      phaseEnds(board, run, task, { error });
  }
}

function tryAgain(board: Board, { run, task, attempt }: Place, error: EffectError, notBefore: string | null): void {
  change(board, "tasks", task).status = "pending";
  task.not_before = notBefore;
  // Kept while the task waits: the next attempt is told what was wrong.
  task.error = error;
  const wait = notBefore === null ? {} : { not_before: notBefore };
  record(board, run.id, { type: "task-retried", ...nameTask(task), attempt: attempt.number, error, ...wait });
}

function fallBack(board: Board, place: Place, failure: Failure, { fallback }: Extract<Course, { kind: "fallback" }>): void {
  const { run, task, attempt } = place;
  if (fallback.kind === "agent" && failure.other_agent_id === null) {
    const detail = cutDetail(`${failure.error.detail} (and no other agent has the capabilities to try in its place)`);
    return failTask(board, { ...place, task: closeFallback(task) }, { ...failure, error: { ...failure.error, detail } });
  }
  change(board, "tasks", task).status = "pending";
  task.on_fallback = true;
  task.not_before = null;
  task.error = failure.error;
  if (fallback.kind === "agent") task.agent_id = failure.other_agent_id;
  const facts = { attempt: attempt.number, error: failure.error, fallback: fallback.kind };
  record(board, run.id, { type: "task-retried", ...nameTask(task), ...facts });
}

/** Nothing is left to fall back on. */
function closeFallback(task: BoardTask): BoardTask {
  task.on_fallback = true;
  return task;
}

/** The task counts as completed without a result; those that wait for it go on and are given null. */
function skip(board: Board, { run, task, attempt }: Place, error: EffectError): void {
  endTask(board, task, "completed");
  task.error = error;
  record(board, run.id, { type: "task-skipped", ...nameTask(task), attempt: attempt.number, error });
  phaseEnds(board, run, task, "skipped");
}
