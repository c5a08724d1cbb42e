import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { processReports } from "../../shared/orchestration/process-reports.ts";
import { createStartingTasks, type StartingTask } from "../../shared/orchestration/starting-tasks.ts";
import { taskNamed } from "../world/forks.ts";
import { inspectRun } from "../world/inspect.ts";
import { carryOutDue, openWorld } from "../world/open-world.ts";
import { reachExecution } from "../world/reach-execution.ts";
import { planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
});
afterAll(() => fresh.drop());

// Two have room. A batch that ends both may begin one: the room of the other is taken by what it leaves out.
test("what another batch is about to begin is left to it, and begun after the commit if that batch came to nothing", async () => {
  const world = await openWorld(fresh.deployed, { executorCapacity: 2 });
  const script = { plan: planOf({ a: [], b: [], c: [], d: [], e: [] }) };
  const runId = await reachExecution(world, script);
  const starting = createStartingTasks();
  const waiting = await readWaiting(await taskNamed(world, runId, "c"));
  await starting.holdInTurn(async () => ({ starts: [waiting], leaving: [] }));

  await processReports({ ...world.deps, starting }, await carryOutDue(world, script, 2));

  const { facts } = await inspectRun(world, runId);
  const begun = facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.name] : []));
  expect(begun).toEqual(["Task a", "Task b", "Task d", "Task c"]);
});

async function readWaiting(taskId: string): Promise<StartingTask> {
  const { rows } = await fresh.deployed.transact({ role: "engine" }, (db) =>
    db.query("SELECT id AS task_id, agent_id FROM tasks WHERE id = $1", [taskId]),
  );
  return z.tuple([z.object({ task_id: z.uuid(), agent_id: z.uuid() })]).parse(rows)[0];
}
