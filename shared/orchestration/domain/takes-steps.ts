import type { BoardRun } from "./board.ts";

/** Whether steps of its tasks are taken: of a run that goes on, and of one that only waits for a budget. */
export function takesSteps(run: BoardRun): boolean {
  return run.status === "running" || (run.status === "paused" && run.pause_reason === "budget");
}
