import type { Start } from "./domain/batch.ts";

export type StartingTask = Pick<Start, "task_id" | "agent_id">;

/** What a batch is about to do: the tasks that it begins, and for each attempt that it ends the agent which that leaves. */
export type UnderWay = { starts: readonly StartingTask[]; leaving: readonly string[] };

/**
 * What batches of this process are about to begin and to end. Two that are on the wire at once would read the same backlog and draft the same
 * tasks, and the second would be refused all of them; and neither sees the room that the other leaves. Only who also reads the backlog after
 * its commit may go by this: a batch may still fail.
 */
export type StartingTasks = {
  /** Tasks that are about to begin. */
  list(): string[];
  /** How much more room this agent will have when these batches are through: less than none if they begin more than they end. */
  roomToCome(agentId: string): number;
  /** Drafts a batch when those before it have been drafted, and holds it until the answer is called. */
  holdInTurn(draft: () => Promise<UnderWay>): Promise<() => void>;
};

export function createStartingTasks(): StartingTasks {
  const batches = new Set<UnderWay>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    list: () => [...batches].flatMap(({ starts }) => starts.map((start) => start.task_id)),
    roomToCome(agentId) {
      let room = 0;
      for (const { starts, leaving } of batches) {
        room += leaving.filter((id) => id === agentId).length - starts.filter((start) => start.agent_id === agentId).length;
      }
      return room;
    },
    async holdInTurn(draft) {
      const drafted = last.then(draft);
      last = drafted.catch(() => undefined);
      const batch = await drafted;
      batches.add(batch);
      return () => void batches.delete(batch);
    },
  };
}
