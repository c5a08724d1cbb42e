import { type Board, type BoardRun, change, nameTask, record } from "./board.ts";
import { cancelAttempts, dropUnclaimed } from "./end-run.ts";
import { hasEnded } from "./judge-steps.ts";
import { endTask } from "./judge-tasks.ts";
import { isReplanDue, planAgain } from "./plan-again.ts";
import { dropPlan } from "./plan-contract/ask-for-plan.ts";

export type ReplanRefusal = { code: "conflict" | "run-ended" | "no-replans-left"; detail: string };

/** Why a person cannot have a run planned again now; undefined when that is possible. */
export function refuseReplan(run: BoardRun): ReplanRefusal | undefined {
  if (hasEnded(run)) return { code: "run-ended", detail: `The run is ${run.status} already` };
  if (isReplanDue(run)) return { code: "conflict", detail: "The run is on its way to another plan already" };
  if (run.phase !== "execute" && run.phase !== "review") {
    const detail = run.phase === "plan" ? "The run is being planned: it has no plan yet that another could follow" : PAST_PLANNING;
    return { code: "conflict", detail };
  }
  if (run.phase_due !== null) return { code: "conflict", detail: `The ${run.phase} phase has just ended; look at the run again` };
  if (run.replans_left === 0)
    return { code: "no-replans-left", detail: `The run was planned again ${run.replans.length} times, as often as it may` };
  return undefined;
}

const PAST_PLANNING = "The run carries out no plan any more";

/**
 * Has a run planned again because a person says so. What has completed stays; what has not is cancelled: unclaimed effects are dropped and their
 * holds given back, those under way report late. The phase ends with it, and the state machine goes back to planning. The board must hold
 * everything open of the run.
 */
export function replanRun(board: Board, run: BoardRun, { by, id, note }: { by: string; id: string; note: string | undefined }): void {
  dropUnclaimed(board, (effect) => effect.run_id === run.id);
  cancelAttempts(board, (attempt) => attempt.run_id === run.id);
  for (const task of board.tasks.values()) {
    if (task.run_id !== run.id || task.id === run.root_task_id || (task.status !== "pending" && task.status !== "in_progress")) continue;
    endTask(board, task, "cancelled");
    record(board, run.id, { type: "task-cancelled", ...nameTask(task), reason: `the run is planned again by ${by}` });
  }
  withdrawItems(board, run);
  change(board, "runs", run).open_tasks = 0;
  run.epoch += 1;
  run.is_finishing = false;
  const detail = note ?? "a person asked for another plan";
  planAgain(board, run, { cause: "person", detail, request_id: id, ...(note === undefined ? {} : { note }) }, by);
  dropPlan(board, run);
}

/** Nobody needs to decide any more about what tasks would have done. What the run itself asks still waits for its answer. */
function withdrawItems(board: Board, run: BoardRun): void {
  for (const item of board.items.values()) {
    if (item.run_id === run.id && item.state === "open" && item.task_id !== null) change(board, "items", item).state = "withdrawn";
  }
}
