import type { EffectError } from "../../effects/contracts/effect.ts";
import { type Board, type BoardRun, change, nameTask, record } from "./board.ts";
import { endTask, phaseEnds } from "./judge-tasks.ts";

/**
 * Fails tasks of a run that nobody in the pool can do, with all that depends on them. The board must hold them and their descendants. What
 * has begun or ended meanwhile is left alone.
 */
export function failUnplaced(board: Board, run: BoardRun, taskIds: readonly string[]): void {
  if (run.status !== "running") return;
  for (const id of taskIds) {
    const task = board.tasks.get(id);
    if (task === undefined || task.status !== "pending") continue;
    const error: EffectError = { code: "no-agent", detail: `No agent of the workspace can do ${task.name}`, retryable: false };
    endTask(board, task, "failed");
    change(board, "tasks", task).error = error;
    record(board, run.id, { type: "task-failed", ...nameTask(task), attempt: task.attempts, error });
    phaseEnds(board, run, task, { error });
  }
}
