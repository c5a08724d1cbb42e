import type { Start } from "./domain/batch.ts";

export type StartingTask = Pick<Start, "task_id" | "agent_id">;

/**
 * What batches of this process are about to begin. Two that are on the wire at once would read the same backlog and draft the same tasks, and
 * the second would be refused all of them. Only who also reads the backlog after its commit may leave these out: a batch may still fail.
 */
export type StartingTasks = {
  list(): StartingTask[];
  /** Until the answer is called. */
  hold(starts: readonly StartingTask[]): () => void;
};

export function createStartingTasks(): StartingTasks {
  const batches = new Set<readonly StartingTask[]>();
  return {
    list: () => [...batches].flat(),
    hold(starts) {
      batches.add(starts);
      return () => void batches.delete(starts);
    },
  };
}
