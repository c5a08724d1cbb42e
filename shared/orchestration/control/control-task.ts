import type { Actor, Queryable } from "../../platform/db/database.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import type { RunDeps } from "../deps.ts";
import type { Board, BoardRun, BoardTask } from "../domain/board.ts";
import {
  cancelTask as cancelOnBoard,
  pauseTask as pauseOnBoard,
  refuseControl,
  resumeTask as resumeOnBoard,
} from "../domain/control-task.ts";
import { hasCompletedTask, readOpenRowsOfTask } from "../sql/control-task.ts";
import { findTask } from "../sql/read-tasks.ts";
import { changeAwake } from "./change-awake.ts";
import { cancelRun } from "./control-run.ts";

type Person = Actor & { role: "app" };
type TaskAnswer = { task_id: string; run_id: string; status: BoardTask["status"]; is_paused: boolean };

/**
 * Cancels a goal with everything it began, or one task of a plan with all that depends on it. Once this has answered, no effect of the task is
 * claimed and no step decided before lands; its run goes on with the rest.
 * @throws AppError `not-found`; `conflict` when it has ended, or belongs to its run as a whole
 */
export async function cancelTask(deps: RunDeps, actor: Person, taskId: string): Promise<TaskAnswer> {
  const found = await findPlace(deps, actor, taskId);
  if (found.kind === "goal") {
    await cancelRun(deps, actor, found.run_id);
    return { task_id: taskId, run_id: found.run_id, status: "cancelled", is_paused: false };
  }
  return changeTask(deps, actor, found.run_id, taskId, async (board, run, task, db) => {
    const { taskIds } = await readOpenRowsOfTask(db, taskId);
    const subtasks = taskIds.flatMap((id) => (id === taskId ? [] : (board.tasks.get(id) ?? [])));
    cancelOnBoard(board, run, task, { by: actor.userId, subtasks, isAnyCompleted: await hasCompletedTask(db, run.id) });
  });
}

/** @throws AppError `not-found`; `conflict` when it is paused already, has ended, or belongs to its run as a whole */
export async function pauseTask(deps: RunDeps, actor: Person, taskId: string): Promise<TaskAnswer> {
  const { run_id: runId } = await findPlace(deps, actor, taskId);
  return changeTask(deps, actor, runId, taskId, (board, run, task) => {
    if (pauseOnBoard(board, run, task, actor.userId) === "paused-already") throw conflict("The task is paused already");
  });
}

/** @throws AppError `not-found`; `conflict` when it is not paused, has ended, or the budget does not cover what it waits for */
export async function resumeTask(deps: RunDeps, actor: Person, taskId: string): Promise<TaskAnswer> {
  const { run_id: runId } = await findPlace(deps, actor, taskId);
  return changeTask(deps, actor, runId, taskId, (board, run, task) => {
    const outcome = resumeOnBoard(board, run, task, actor.userId);
    if (outcome === "not-paused") throw conflict("The task is not paused, so it cannot be resumed");
    if (outcome === "budget") throw conflict("The budget does not cover what the task waits for");
  });
}

async function findPlace(deps: RunDeps, actor: Person, taskId: string): Promise<{ run_id: string; kind: string }> {
  const task = await deps.db.transact(actor, (db) => findTask(db, taskId));
  if (task === undefined) throw notFound("The task");
  return task;
}

/** Its run may be asleep because this task was all it waited for, so each change wakes it. */
async function changeTask(
  deps: RunDeps,
  actor: Person,
  runId: string,
  taskId: string,
  change: (board: Board, run: BoardRun, task: BoardTask, db: Queryable) => void | Promise<void>,
): Promise<TaskAnswer> {
  const answer = await changeAwake(deps, actor, runId, { taskId }, async (board, run, db) => {
    const task = board.tasks.get(taskId);
    if (task === undefined) throw notFound("The task");
    const refusal = refuseControl(run, task);
    if (refusal !== undefined) throw conflict(refusal);
    await change(board, run, task, db);
    return { task_id: taskId, run_id: runId, status: task.status, is_paused: task.is_paused };
  });
  await deps.outbox.sendHint(runId);
  return answer;
}
