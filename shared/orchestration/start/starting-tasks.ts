import type { Start } from "../domain/batch.ts";

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
  /** When the batches before this one have been drafted. Must be asked for without a connection, or who has the turn may wait for that for ever. */
  takeTurn(): Promise<Turn>;
};

export type Turn = {
  /** What came of the draft: it is counted from now on, and the next batch may be drafted. */
  drafted(batch: UnderWay): void;
  /** The batch is through, or came to nothing. */
  end(): void;
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
    async takeTurn() {
      const before = last;
      let letNext = () => {};
      last = new Promise<void>((resolve) => {
        letNext = resolve;
      });
      await before;
      let held: UnderWay | undefined;
      return {
        drafted(batch) {
          held = batch;
          batches.add(batch);
          letNext();
        },
        end() {
          if (held !== undefined) batches.delete(held);
          letNext();
        },
      };
    },
  };
}
