import { afterAll, beforeAll, expect, test } from "vitest";
import { repairRun } from "../../shared/orchestration/watchdog/watch-run.ts";
import { countEffects } from "../world/inspect.ts";
import { openWorld, settleWorld } from "../world/open-world.ts";
import { claimWaiting, lookAfter, reachExecution, takeMessages } from "../world/reach-execution.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
});
afterAll(() => fresh.drop());

const wide: Script = { plan: planOf(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`t${index}`, []]))) };

test("a backlog of 1,000 effects is not multiplied by ten looks of its watchdogs, nor by any number of hints", async () => {
  const world = await openWorld(fresh.deployed, { executorCapacity: 1_000 });
  const runIds: string[] = [];
  let due = 0;
  for (let count = 0; count < 5; count += 1) {
    runIds.push(await reachExecution(world, wide));
    due += takeMessages(world).length;
  }
  expect(due).toBe(1_000);

  const sends: number[] = [];
  for (let look = 0; look < 10; look += 1) {
    for (const [index, runId] of runIds.entries()) await lookAfter(world, runId, index === 0 ? 60 : 0);
    await repairRun(world.deps, runIds[0] ?? "");
    sends.push(takeMessages(world).length);
  }

  // After 1, 3 and 7 minutes.
  expect(sends).toEqual([1_000, 0, 1_000, 0, 0, 0, 1_000, 0, 0, 0]);
});

test("of a backlog that is worked off, the one message that was lost is sent again, and nothing else", async () => {
  const world = await openWorld(fresh.deployed, { executorCapacity: 1_000 });
  const runId = await reachExecution(world, wide);
  const [lost] = world.effects.splice(17, 1);
  expect(await claimWaiting(world)).toHaveLength(199);
  await lookAfter(world, runId, 59);
  expect(world.effects).toEqual([]);
  await lookAfter(world, runId, 1);

  expect(world.effects).toEqual([lost]);
  await settleWorld(world, wide);
  expect(await countEffects(world, runId)).toEqual({ done: 3, running: 199 });
});
