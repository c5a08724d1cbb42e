import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { takeOver } from "../../shared/orchestration/watchdog/take-over.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { dieAt, loseSend, type Mortal } from "../world/mishaps.ts";
import { carryOutDue, openWorld, pricesOf, type World } from "../world/open-world.ts";
import { lookAfter } from "../world/reach-execution.ts";
import { callToolThenSucceed, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

/** Two tasks in a row; the first calls a tool. */
const script: Script = {
  plan: planOf({ a: [], b: ["a"] }),
  executor: (call) => (call.inputs.length > 0 ? succeedWith("b") : callToolThenSucceed(call)),
};

/** How often a watchdog may have to look before everything that one mishap left undone is done. */
const MOST_LOOKS = 4;

type Mishap = { mortal?: Mortal; world: World; onDeath: (world: World) => Promise<void> };

/** A goal from its creation to its end. Messages that a dying process held are lost; when nothing moves, its watchdog looks. */
async function live({ world, mortal, onDeath }: Mishap): Promise<{ runId: string; looks: number }> {
  const runId = uuidv7();
  const { workspaceId } = world;
  const request = { runId, workspaceId, userId: workspaceId, goal: "survive", files: [], model: "local:scripted", limit: 1_000_000n };
  const attempt = async (work: () => Promise<unknown>) => {
    await work().catch(() => undefined);
    if (mortal?.isDead() !== true) return;
    mortal.revive();
    await onDeath(world);
  };
  await attempt(() => createRun(world.deps, request));
  // Who asked got no answer, or a failure, and asks again with the same key.
  await attempt(() => createRun(world.deps, request));
  for (let looks = 0; ; looks += 1) {
    while (world.control.length + world.effects.length > 0) {
      await attempt(() => processControl(world.deps, world.control.splice(0, 10)));
      await attempt(async () => processReports(world.deps, await carryOutDue(world, script, 10)));
    }
    const { run } = await inspectRun({ ...world, deps: { ...world.deps, db } }, runId);
    if (run.finished_at !== null || looks === MOST_LOOKS) return { runId, looks };
    await attempt(() => lookAfter(world, runId, 91));
  }
}

/** What an undisturbed run leaves; what a disturbed one must leave as well. */
async function expectWhole(world: World, runId: string, mishap: string): Promise<void> {
  const { run, facts } = await inspectRun(world, runId);
  const found = {
    mishap,
    status: run.status,
    violations: listViolations(facts),
    tasks: Object.fromEntries(run.tasks.map((task) => [`${task.kind} ${task.ordinal}`, [task.status, task.attempts]])),
    results: run.tasks.filter((task) => task.kind === "executor").map((task) => task.result),
    memories: run.memories.length,
    effects: await countEffects(world, runId),
    loads: await readLoads(world),
  };
  expect(found).toEqual({
    mishap,
    status: "completed",
    violations: [],
    tasks: Object.fromEntries(
      ["planner 0", "executor 1", "executor 2", "critic 0", "summarizer 0"].map((name) => [name, ["completed", 1]]),
    ),
    results: ["done", "b"],
    memories: 1,
    effects: { done: 8 },
    loads: [],
  });
  const books = await readBooks(world, runId);
  const expected = { held: 0n, reserved: 0n, spent: books.billed + books.lost, settled: books.spent };
  expect({ mishap, ...books }).toMatchObject({ mishap, ...expected });
}

async function countOf(make: (world: World) => { count: () => number; deps: Partial<World["deps"]> }): Promise<number> {
  const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
  const { count, deps } = make(world);
  const { runId, looks } = await live({ world: { ...world, deps: { ...world.deps, ...deps } }, onDeath: async () => undefined });
  await expectWhole(world, runId, "none");
  expect(looks).toBe(0);
  return count();
}

describe("a process that dies", () => {
  const die = async (at: number, when: "before" | "after", onDeath: Mishap["onDeath"]) => {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
    const mortal = dieAt(db, at, when);
    const { runId, looks } = await live({ world: { ...world, deps: { ...world.deps, db: mortal.database } }, mortal, onDeath });
    await expectWhole(world, runId, `died ${when} the commit of transaction ${at}`);
    return looks;
  };
  const transactions = () =>
    countOf((world) => {
      const mortal = dieAt(world.deps.db, Infinity, "after");
      return { count: mortal.count, deps: { db: mortal.database } };
    });
  const loseNothingMore = async () => undefined;

  test("after any of its commits, with the messages it held, leaves nothing that its watchdog does not do, and nothing twice", async () => {
    const count = await transactions();
    expect(count).toBeGreaterThan(25);
    const looks: number[] = [];
    for (let at = 0; at < count; at += 1) looks.push(await die(at, "after", loseNothingMore));

    expect(Math.max(...looks)).toBeGreaterThan(0);
  });

  test("before any of its commits, with the messages it held, leaves nothing that its watchdog does not do, and nothing twice", async () => {
    const count = await transactions();
    for (let at = 0; at < count; at += 1) expect(await die(at, "before", loseNothingMore)).toBeLessThan(MOST_LOOKS);
  });

  test("after any of its commits, with all queues and state machines, is followed by one that takes over at once", async () => {
    const count = await transactions();
    const looks: number[] = [];
    for (let at = 0; at < count; at += 1) {
      looks.push(
        await die(at, "after", async (world) => {
          world.control.splice(0);
          world.effects.splice(0);
          await takeOver(world.deps);
        }),
      );
    }

    // No watchdog was waited for.
    expect(Math.max(...looks)).toBe(0);
  });
});

describe("a message that is lost after its commit", () => {
  const lose = async (at: number, how: "silently" | "loudly") => {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
    const { outbox } = loseSend(world.deps.outbox, at, how);
    const { runId } = await live({ world: { ...world, deps: { ...world.deps, outbox } }, onDeath: async () => undefined });
    await expectWhole(world, runId, `send ${at} was lost ${how}`);
  };

  test.each(["silently", "loudly"] as const)("%s, whichever it is, is sent again by the watchdog", async (how) => {
    const count = await countOf((world) => {
      const counting = loseSend(world.deps.outbox, Infinity, how);
      return { count: counting.count, deps: { outbox: counting.outbox } };
    });
    expect(count).toBeGreaterThan(15);

    for (let at = 0; at < count; at += 1) await lose(at, how);
  });
});
