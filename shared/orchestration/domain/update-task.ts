import type { BoardRun, BoardTask } from "./board.ts";
import { hasEnded } from "./judge-steps.ts";

export type UpdateRefusal = { code: "conflict" | "run-ended" | "task-started"; detail: string };

/** Why a task no longer changes; undefined while it has not begun. One that waits to be tried again has begun. */
export function refuseUpdate(run: BoardRun, task: BoardTask): UpdateRefusal | undefined {
  if (task.kind !== "executor")
    return { code: "conflict", detail: `A ${task.kind} task belongs to its run as a whole; only a task of the plan can be changed` };
  if (hasEnded(run)) return { code: "run-ended", detail: `The run is ${run.status} already` };
  if (task.attempts > 0 || task.status === "in_progress")
    return { code: "task-started", detail: `The task has begun: it is ${task.status}` };
  if (task.status !== "pending") return { code: "conflict", detail: `The task is ${task.status} already` };
  return undefined;
}
