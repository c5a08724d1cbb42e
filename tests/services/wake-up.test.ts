import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { inspectRun } from "../world/inspect.ts";
import { openWorld, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, drainControl, reachExecution } from "../world/reach-execution.ts";
import { planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const one: Script = { plan: planOf({ a: [] }) };
const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;

/** Two runs on one agent with room for one task: the first has it, the second waits. No watchdog ever looks. */
async function crowd(): Promise<{ world: World; first: string; second: string }> {
  const world = await openWorld(db, { executorCapacity: 1 });
  const first = await reachExecution(world, one);
  const held = world.effects.splice(0);
  const second = await reachExecution(world, one);
  expect(world.effects).toEqual([]);
  world.effects.push(...held);
  return { world, first, second };
}

describe("a task that waits for room begins", () => {
  test("when the run that had it is cancelled", async () => {
    const { world, first, second } = await crowd();
    world.effects.splice(0);
    await cancelRun(world.deps, actorOf(world), first);
    await settleWorld(world, one);

    expect((await inspectRun(world, second)).run.status).toBe("completed");
  });

  test("when the run that had it goes on after a pause and comes to its end", async () => {
    const { world, first, second } = await crowd();
    const [effect] = await claimWaiting(world);
    await pauseRun(world.deps, actorOf(world), first);
    await processReports(world.deps, [
      { effect_id: effect?.effect_id ?? "", lease_token: effect?.lease_token ?? "", outcome: succeedWith("done") },
    ]);
    await resumeRun(world.deps, actorOf(world), first, undefined);
    await settleWorld(world, one);

    expect((await inspectRun(world, first)).run.status).toBe("completed");
    expect((await inspectRun(world, second)).run.status).toBe("completed");
  });

  test("when the run that had it fails with something else", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const first = await reachExecution(world, one);
    world.effects.splice(0);
    const second = await reachExecution(world, one);
    world.control.push({ kind: "phase", phase: "fail", run_id: first, token: `${first}/fail`, error: { Error: "States.Timeout" } });
    await settleWorld(world, one);

    expect((await inspectRun(world, first)).run.status).toBe("failed");
    expect((await inspectRun(world, second)).run.status).toBe("completed");
  });
});

test("as many tasks begin at once as have room, however many that is", async () => {
  const world = await openWorld(db, { executorCapacity: 130 });
  await reachExecution(world, { plan: planOf(Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`t${index}`, []]))) });
  await drainControl(world);

  expect(world.effects).toHaveLength(130);
});
