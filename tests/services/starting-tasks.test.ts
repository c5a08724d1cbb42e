import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { readFollowing } from "../../shared/orchestration/sql/read-startable.ts";
import { startReady } from "../../shared/orchestration/start/start-tasks.ts";
import { createStartingTasks, type StartingTask } from "../../shared/orchestration/start/starting-tasks.ts";
import { taskNamed } from "../world/forks.ts";
import { inspectRun } from "../world/inspect.ts";
import { carryOutDue, openWorld, settleWorld } from "../world/open-world.ts";
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
  (await starting.takeTurn()).drafted({ starts: [waiting], leaving: [] });

  await processReports({ ...world.deps, starting }, await carryOutDue(world, script, 2));

  const { facts } = await inspectRun(world, runId);
  const begun = facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.name] : []));
  expect(begun).toEqual(["Task a", "Task b", "Task d", "Task c"]);
});

// One commit that begins all of them would be drafted in vain but for three; what is left waits for room, and nothing is lost.
test("of many tasks that wait for one, those are read that have room", async () => {
  const children = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`c${index}`, ["a"]]));
  const world = await openWorld(fresh.deployed, { executorCapacity: 3 });
  const script = { plan: planOf({ a: [], ...children }) };
  const runId = await reachExecution(world, script);
  const { agent_id, task_id } = await readWaiting(await taskNamed(world, runId, "a"));

  const following = await fresh.deployed.transact({ role: "engine" }, (db) =>
    readFollowing(db, { agents: [{ agent_id, leaving: 1 }], starting: [], completed: [task_id], now: world.clock.now }),
  );
  expect(following.map((task) => task.name)).toEqual(["Task c0", "Task c1", "Task c2"]);

  await settleWorld(world, script);
  const { facts } = await inspectRun(world, runId);
  expect(facts.filter(({ fact }) => fact.type === "task-completed" && fact.ordinal > 0)).toHaveLength(13);
});

// Whoever has the turn to draft must not wait for a connection that somebody holds who waits for the turn.
test("batches that share one connection do not wait for each other for ever", async () => {
  const one = await createFreshDatabase(1);
  try {
    const opened = await openWorld(one.deployed, { executorCapacity: 2 });
    const world = { ...opened, deps: { ...opened.deps, starting: createStartingTasks() } };
    const script = { plan: planOf({ a: [], b: [], c: ["a"], d: ["b"] }) };
    const runId = await reachExecution(world, script);
    const reports = await carryOutDue(world, script, 2);
    await Promise.all([
      startReady(world.deps, [runId]),
      processReports(world.deps, reports.slice(0, 1)),
      startReady(world.deps, [runId]),
      processReports(world.deps, reports.slice(1)),
    ]);
    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  } finally {
    await one.drop();
  }
});

async function readWaiting(taskId: string): Promise<StartingTask> {
  const { rows } = await fresh.deployed.transact({ role: "engine" }, (db) =>
    db.query("SELECT id AS task_id, agent_id FROM tasks WHERE id = $1", [taskId]),
  );
  return z.tuple([z.object({ task_id: z.uuid(), agent_id: z.uuid() })]).parse(rows)[0];
}
