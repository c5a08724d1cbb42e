import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseUsd } from "../../shared/platform/money.ts";
import { finishRun, fork, ordinals, preview, taskNamed } from "../world/forks.ts";
import { listViolations, readBooks } from "../world/inspect.ts";
import { openWorld, pricesOf, type World } from "../world/open-world.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let world: World;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  world = await openWorld(fresh.deployed, { prices: pricesOf(100n, 60n) });
});
afterAll(() => fresh.drop());

const shapes = fc.tuple(fc.array(fc.nat(), { minLength: 2, maxLength: 6 }), fc.nat(), fc.boolean());

test("a fork of each of a hundred random plans carries out just what its preview said, and costs what lies within its range", async () => {
  for (const [shape, pick, givesResult] of fc.sample(shapes, { numRuns: 100, seed: 7 })) {
    const names = shape.map((_, index) => `t${index}`);
    const parents = shape.map((bits, index) => names.slice(0, index).filter((_, parent) => (bits >> parent) & 1));
    const script: Script = { plan: planOf(Object.fromEntries(names.map((name, index) => [name, parents[index] ?? []]))) };
    const runId = await finishRun(world, script);
    const task_id = await taskNamed(world, runId, names[pick % names.length] ?? "");
    const request = { task_id, ...(givesResult ? { result: "by hand" } : {}) };
    const said = await preview(world, runId, request);

    const { forkId, executed, bill, run, facts } = await fork(world, runId, request, script);

    expect({ status: run.status, bill, executed }).toEqual({ status: "completed", bill: said, executed: ordinals(said.rerun) });
    expect(ordinals(said.reused).length + executed.length + (givesResult ? 1 : 0)).toBe(names.length);
    expect(listViolations(facts)).toEqual([]);
    const { spent } = await readBooks(world, forkId);
    expect(spent).toBeGreaterThanOrEqual(parseUsd(said.cost_usd.low));
    expect(spent).toBeLessThanOrEqual(parseUsd(said.cost_usd.high));
  }
}, 300_000);
