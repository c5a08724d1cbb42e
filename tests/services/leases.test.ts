import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClaimedEffect, EffectOutcome, EffectReport } from "../../shared/effects/contract.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { extendLeases } from "../../shared/orchestration/sql/claim-effects.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { countEffects, inspectRun, listViolations, readBooks } from "../world/inspect.ts";
import { openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, lookAfter, reachExecution, takeMessages } from "../world/reach-execution.ts";
import { planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(6);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const one: Script = { plan: planOf({ a: [] }) };
const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;
const reportOf = (effect: ClaimedEffect, outcome: EffectOutcome = succeedWith("done")): EffectReport => ({
  effect_id: effect.effect_id,
  lease_token: effect.lease_token,
  outcome,
});
const deliver = async (world: World, ...reports: EffectReport[]) =>
  (await processReports(world.deps, reports)).map(({ verdict }) => verdict);

/** A run with one effect that a hand has claimed. */
async function claimOne(
  options: { safety?: "once"; limit?: bigint } = {},
): Promise<{ world: World; runId: string; effect: ClaimedEffect }> {
  const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
  const runId = await reachExecution(world, one, options.limit ?? 10_000n);
  if (options.safety === "once") {
    // No tool that works today changes the world; the row is what counts.
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE effects SET safety = 'once' WHERE run_id = $1 AND state = 'due'", [runId]),
    );
  }
  const [effect] = await claimWaiting(world);
  if (effect === undefined) throw new Error("nothing was claimed");
  return { world, runId, effect };
}

describe("a lease", () => {
  test("holds its effect until it ends: nobody else may claim it, and the watchdog leaves it alone", async () => {
    const { world, runId, effect } = await claimOne();

    expect(await claimForHands(world.deps, [{ effect_id: effect.effect_id, try: 1 }])).toEqual([]);
    await lookAfter(world, runId, 89);

    expect(world.effects).toEqual([]);
    expect(await countEffects(world, runId)).toEqual({ done: 2, running: 1 });
  });

  test("that ended makes a repeatable effect due again under the next try, and its old holder's report stale", async () => {
    const { world, runId, effect } = await claimOne();
    await lookAfter(world, runId, 91);

    expect(world.effects).toEqual([{ effect_id: effect.effect_id, try: 2, kind: "llm" }]);
    expect(await claimForHands(world.deps, [{ effect_id: effect.effect_id, try: 1 }])).toEqual([]);
    expect(await deliver(world, reportOf(effect))).toEqual(["stale"]);
    const [again] = await claimWaiting(world);
    expect(again).toMatchObject({ effect_id: effect.effect_id, try: 2, request: effect.request });
    expect(await deliver(world, reportOf(effect))).toEqual(["stale"]);
    expect(await deliver(world, ...(again === undefined ? [] : [reportOf(again)]))).toEqual(["ok"]);
  });

  test("that was extended in time does not end", async () => {
    const { world, runId, effect } = await claimOne();
    const extend = () => db.transact({ role: "engine" }, (connection) => extendLeases(connection, [effect], 90, world.clock.now));
    await lookAfter(world, runId, 80);

    expect(await extend()).toEqual([{ effect_id: effect.effect_id, stop: false }]);
    await lookAfter(world, runId, 80);
    expect(world.effects).toEqual([]);
    await lookAfter(world, runId, 11);
    expect(world.effects).toHaveLength(1);
    // Too late: somebody else may hold it by now.
    expect(await extend()).toEqual([{ effect_id: effect.effect_id, stop: true }]);
  });

  test("of a cancelled run is told to stop", async () => {
    const { world, runId, effect } = await claimOne();
    await cancelRun(world.deps, actorOf(world), runId);

    const answers = await db.transact({ role: "engine" }, (connection) => extendLeases(connection, [effect], 90, world.clock.now));

    expect(answers).toEqual([{ effect_id: effect.effect_id, stop: true }]);
  });

  test("that ended books its try in full, and the next try takes a hold of its own", async () => {
    const { world, runId } = await claimOne();
    expect(await readBooks(world, runId)).toMatchObject({ spent: 60n, held: 100n });
    await lookAfter(world, runId, 91);

    expect(await readBooks(world, runId)).toEqual({ spent: 160n, held: 100n, settled: 160n, reserved: 100n, billed: 60n, lost: 100n });
    await settleWorld(world, one);
    const books = await readBooks(world, runId);
    expect(books).toEqual({ spent: 340n, held: 0n, settled: 340n, reserved: 0n, billed: 240n, lost: 100n });
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });

  test("that ended pauses the run when another try does not fit its budget, and the resume sends it", async () => {
    const { world, runId } = await claimOne({ limit: 200n });
    await lookAfter(world, runId, 91);
    const paused = await inspectRun(world, runId);
    expect([paused.run.status, world.effects]).toEqual(["paused", []]);

    await resumeRun(world.deps, actorOf(world), runId, 1_000n);
    await settleWorld(world, one);

    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    expect(listViolations(facts)).toEqual([]);
    expect(await readBooks(world, runId)).toMatchObject({ spent: 340n, held: 0n, lost: 100n });
  });
});

describe("an effect that must happen once", () => {
  test("is unknown when its lease ended, and is never sent again by watchdog, pause and resume", async () => {
    const { world, runId, effect } = await claimOne({ safety: "once" });
    await lookAfter(world, runId, 91);
    await lookAfter(world, runId, 91);
    await pauseRun(world.deps, actorOf(world), runId);
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, one);

    expect(await countEffects(world, runId)).toEqual({ done: 2, unknown: 1 });
    expect(
      await claimForHands(
        world.deps,
        [1, 2].map((attempt) => ({ effect_id: effect.effect_id, try: attempt })),
      ),
    ).toEqual([]);
    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("running");
    expect(facts.filter(({ fact }) => fact.type === "effect-unknown")).toHaveLength(1);
  });

  test("that is unknown takes the late word of its hand, and the run goes on", async () => {
    const { world, runId, effect } = await claimOne({ safety: "once" });
    await lookAfter(world, runId, 91);

    expect(await deliver(world, reportOf(effect))).toEqual(["ok"]);
    await settleWorld(world, one);
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await readBooks(world, runId)).toMatchObject({ spent: 240n, billed: 240n, lost: 0n });
  });

  test("stays unknown when the run is cancelled", async () => {
    const { world, runId } = await claimOne({ safety: "once" });
    await lookAfter(world, runId, 91);
    await cancelRun(world.deps, actorOf(world), runId);
    await lookAfter(world, runId, 91);

    expect(await countEffects(world, runId)).toEqual({ done: 2, unknown: 1 });
    expect(world.effects).toEqual([]);
  });
});

describe("reports", () => {
  test("that are forged, of nobody's effect, or repeated change nothing; the true one among them counts", async () => {
    const { world, runId, effect } = await claimOne();
    const forged = { ...reportOf(effect, succeedWith("forged")), lease_token: uuidv7() };
    const nobodys = { ...reportOf(effect), effect_id: uuidv7() };
    const truth = reportOf(effect, succeedWith("true"));

    expect(await deliver(world, forged, nobodys, truth, truth, forged)).toEqual(["stale", "unknown", "ok", "duplicate", "duplicate"]);
    expect(await deliver(world, truth, forged)).toEqual(["duplicate", "stale"]);
    await settleWorld(world, one);
    const { run, facts } = await inspectRun(world, runId);
    expect(run.tasks.find((task) => task.ordinal === 1)?.result).toBe("true");
    expect(listViolations(facts)).toEqual([]);
    expect(await readBooks(world, runId)).toMatchObject({ spent: 240n, billed: 240n });
  });

  test("in any order, some of them twice, lead to the same end", async () => {
    const world = await openWorld(db);
    const script: Script = { plan: planOf({ a: [], b: [], c: [], d: ["a", "b"], e: ["c"], f: ["d", "e"] }) };
    const ends: unknown[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const runId = await reachExecution(world, script);
      for (let round = 0; world.effects.length > 0; round += 1) {
        const reports = (await claimWaiting(world)).map((effect) => reportOf(effect, succeedWith(effect.task_id.length)));
        const shuffled = reports.toSorted((a, b) => (place(a.effect_id, seed + round) < place(b.effect_id, seed + round) ? -1 : 1));
        for (const report of [...shuffled, ...shuffled.toReversed()]) await deliver(world, report);
      }
      await settleWorld(world, script);
      const { run, facts } = await inspectRun(world, runId);
      expect(listViolations(facts)).toEqual([]);
      ends.push([run.status, run.tasks.map((task) => [task.ordinal, task.status, task.attempts, task.result])]);
    }

    expect(new Set(ends.map((end) => JSON.stringify(end))).size).toBe(1);
    expect(ends[0]).toMatchObject(["completed", expect.arrayContaining([[6, "completed", 1, 36]])]);
  });

  test("of a paused run are kept, and the resume goes on from them without asking again", async () => {
    const { world, runId, effect } = await claimOne();
    await pauseRun(world.deps, actorOf(world), runId);

    expect(await deliver(world, reportOf(effect))).toEqual(["ok"]);
    expect(world.effects).toEqual([]);
    expect(await countEffects(world, runId)).toEqual({ done: 3 });
    expect((await inspectRun(world, runId)).run.tasks.find((task) => task.ordinal === 1)?.status).toBe("in_progress");

    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, one);
    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    expect(listViolations(facts)).toEqual([]);
    expect(run.usage).toMatchObject([{ calls: 4 }]);
  });

  test("that come after the cancel are stored as late and replace their holds by what was billed", async () => {
    const { world, runId, effect } = await claimOne();
    await cancelRun(world.deps, actorOf(world), runId);
    expect(await readBooks(world, runId)).toMatchObject({ spent: 60n, held: 100n });

    expect(await deliver(world, reportOf(effect), reportOf(effect))).toEqual(["late", "duplicate"]);
    expect(await countEffects(world, runId)).toEqual({ done: 2, late: 1 });
    expect(await readBooks(world, runId)).toMatchObject({ spent: 120n, held: 0n, billed: 120n });
    expect(listViolations((await inspectRun(world, runId)).facts)).toEqual([]);
  });

  test("that come even after the lease of a cancelled run's effect ended correct what was booked in full", async () => {
    const { world, runId, effect } = await claimOne();
    await cancelRun(world.deps, actorOf(world), runId);
    await lookAfter(world, runId, 91);
    expect(await readBooks(world, runId)).toMatchObject({ spent: 160n, held: 0n, lost: 100n });

    expect(await deliver(world, reportOf(effect))).toEqual(["late"]);
    expect(await readBooks(world, runId)).toMatchObject({ spent: 120n, held: 0n, billed: 120n, lost: 0n });
  });
});

describe("a claim", () => {
  test("of a parked effect is refused until the resume sends it", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, one);
    const messages = takeMessages(world);
    await pauseRun(world.deps, actorOf(world), runId);
    expect(await claimForHands(world.deps, messages)).toEqual([]);

    await resumeRun(world.deps, actorOf(world), runId, undefined);
    expect(world.effects).toMatchObject([{ try: 1 }]);
    expect(await claimForHands(world.deps, messages)).toHaveLength(1);
  });
});

/** A place in line that depends on the text and the seed alone. */
function place(text: string, seed: number): string {
  return createHash("sha1").update(`${seed} ${text}`).digest("hex");
}
