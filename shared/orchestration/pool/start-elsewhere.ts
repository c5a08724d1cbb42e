import { commitBatch } from "../commit/commit-batch.ts";
import { draftStart } from "../decide/draft-start.ts";
import type { ConductorDeps } from "../deps.ts";
import type { StartVerdict } from "../domain/batch.ts";
import { learnPricesOfTasks } from "../prices/learn-prices.ts";
import { readStartable, type StartableTask } from "../sql/read-startable.ts";
import { placeTasks } from "./place-tasks.ts";

/** A verdict for each: begun by whoever can take it, or left where it waits. */
export async function startElsewhere(deps: ConductorDeps, wanting: readonly StartableTask[]): Promise<StartVerdict[]> {
  const placed = await placeTasks(deps, wanting);
  const { starts } = await commitBatch(deps, {
    async starts(db) {
      const tasks = await readStartable(db, placed, deps.now());
      await learnPricesOfTasks(deps, tasks);
      return tasks.map((task) => ({ start: draftStart(deps, task), run_id: task.run_id }));
    },
  });
  return wanting.map((_, index) => starts[index] ?? "capacity");
}
