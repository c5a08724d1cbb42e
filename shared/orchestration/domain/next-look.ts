import type { Board } from "./board.ts";

/** When a run that a board changed must be looked at again, if not before: a task that waits may begin, or the time of an attempt is up. */
export type NextLook = { run_id: string; at: string };

/** The first such time of each run, of those that the board set. */
export function listNextLooks(board: Board): NextLook[] {
  const first = new Map<string, string>();
  const note = (runId: string, at: string | null) => {
    const known = first.get(runId);
    if (at !== null && (known === undefined || Date.parse(at) < Date.parse(known))) first.set(runId, at);
  };
  for (const id of board.touched.tasks) {
    const task = board.tasks.get(id);
    if (task?.status === "pending") note(task.run_id, task.not_before);
  }
  for (const id of board.touched.attempts) {
    const attempt = board.attempts.get(id);
    if (attempt?.status === "running") note(attempt.run_id, attempt.deadline_at);
  }
  for (const attempt of board.inserts.attempts) note(attempt.run_id, attempt.deadline_at);
  return [...first].filter(([runId]) => board.runs.get(runId)?.status === "running").map(([run_id, at]) => ({ run_id, at }));
}
