import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { ClaimedEffect, EffectReport } from "../../shared/effects/contract.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { takeOver } from "../../shared/orchestration/watchdog/take-over.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { countEffects, inspectRun, listViolations } from "../world/inspect.ts";
import { interruptBefore } from "../world/mishaps.ts";
import { openWorld, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, reachExecution, takeMessages } from "../world/reach-execution.ts";
import { callTools, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(6);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

/** What a conductor sends first of its commit: whatever happens right before it happens between its reading and its writing. */
const COMMIT = "lock_batch(";
const RELEASE = "WITH changed_runs";

const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;
const done = (effect: ClaimedEffect | undefined, result = "done"): EffectReport => ({
  effect_id: effect?.effect_id ?? "",
  lease_token: effect?.lease_token ?? "",
  outcome: succeedWith(result),
});
const verdictOf = async (world: World, report: EffectReport, database: Database = db) =>
  (await processReports({ ...world.deps, db: database }, [report]))[0]?.verdict;

describe("between the reading and the commit of a conductor", () => {
  test("another parent may complete: the child begins once, with the results of both", async () => {
    const world = await openWorld(db);
    const script: Script = { plan: planOf({ a: [], b: [], c: ["a", "b"] }) };
    const runId = await reachExecution(world, script);
    const [first, second] = await claimWaiting(world);
    const interrupted = interruptBefore(db, COMMIT, () => processReports(world.deps, [done(second, "second")]));

    expect(await verdictOf(world, done(first, "first"), interrupted)).toBe("ok");

    const [child, ...more] = await claimWaiting(world);
    expect(more).toEqual([]);
    const inputs = z.array(z.object({ result: z.string() })).parse(child?.request["inputs"]);
    expect(inputs.map((input) => input.result).toSorted()).toEqual(["first", "second"]);
    await processReports(world.deps, [done(child)]);
    await settleWorld(world, script);
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
  });

  test("another answer of the same attempt may be stored: the step is decided again, and asks nothing twice", async () => {
    const world = await openWorld(db);
    const ask = callTools(["read_file", { path: "a" }], ["read_file", { path: "b" }]);
    const runId = await reachExecution(world, { plan: planOf({ a: [] }), executor: () => ask });
    const [model] = await claimWaiting(world);
    await processReports(world.deps, [{ ...done(model), outcome: ask }]);
    const [first, second] = await claimWaiting(world);
    const interrupted = interruptBefore(db, COMMIT, () => processReports(world.deps, [done(second)]));

    expect(await verdictOf(world, done(first), interrupted)).toBe("ok");
    // Recall, plan, the model, two tools; and one more question, with both answers.
    expect(await countEffects(world, runId)).toEqual({ done: 5, due: 1 });
    const [next] = await claimWaiting(world);
    expect(z.array(z.unknown()).parse(next?.request["turns"])).toHaveLength(3);
  });

  test("the same report may be taken in: this one comes late and counts for nothing", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, { plan: planOf({ a: [], b: ["a"] }) });
    const [effect] = await claimWaiting(world);
    const interrupted = interruptBefore(db, COMMIT, () => processReports(world.deps, [done(effect)]));

    expect(await verdictOf(world, done(effect), interrupted)).toBe("late");
    expect(listViolations((await inspectRun(world, runId)).facts)).toEqual([]);
    expect(world.effects).toHaveLength(1);
  });

  test("the run may be cancelled: the step is late, and what it wanted never happens", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, { plan: planOf({ a: [], b: ["a"] }) });
    const [effect] = await claimWaiting(world);
    const interrupted = interruptBefore(db, COMMIT, () => cancelRun(world.deps, actorOf(world), runId));

    expect(await verdictOf(world, done(effect), interrupted)).toBe("late");
    expect(world.effects).toEqual([]);
    expect(await countEffects(world, runId)).toEqual({ done: 2, late: 1 });
    expect(listViolations((await inspectRun(world, runId)).facts)).toEqual([]);
  });

  test("the run may be paused: the answer is kept, no next step is taken, and the resume takes it", async () => {
    const world = await openWorld(db);
    const script: Script = { plan: planOf({ a: [], b: ["a"] }) };
    const runId = await reachExecution(world, script);
    const [effect] = await claimWaiting(world);
    const interrupted = interruptBefore(db, COMMIT, () => pauseRun(world.deps, actorOf(world), runId));

    expect(await verdictOf(world, done(effect), interrupted)).toBe("ok");
    expect([world.effects, await countEffects(world, runId)]).toEqual([[], { done: 3 }]);
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });

  test("the run may be paused and resumed: the step was decided under another epoch, and is decided again", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, { plan: planOf({ a: [], b: ["a"] }) });
    const [effect] = await claimWaiting(world);
    const interrupted = interruptBefore(db, COMMIT, async () => {
      await pauseRun(world.deps, actorOf(world), runId);
      await resumeRun(world.deps, actorOf(world), runId, undefined);
    });

    expect(await verdictOf(world, done(effect), interrupted)).toBe("ok");
    expect(world.effects).toHaveLength(1);
    expect(listViolations((await inspectRun(world, runId)).facts)).toEqual([]);
  });
});

describe("a cancel that waits for a conductor in front of it", () => {
  test("marks what that conductor has just created, though it began to wait before", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, { plan: planOf({ a: [], b: ["a"] }) });
    const [effect] = await claimWaiting(world);
    let cancelled: Promise<unknown> = Promise.resolve();
    // The conductor has its locks and is about to write; the cancel queues up behind it.
    const interrupted = interruptBefore(db, RELEASE, async () => {
      cancelled = cancelRun(world.deps, actorOf(world), runId);
      await untilSomebodyWaits();
    });

    expect(await verdictOf(world, done(effect), interrupted)).toBe("ok");
    await cancelled;

    expect(await countEffects(world, runId)).toEqual({ done: 3, cancelled: 1 });
    expect(await claimForHands(world.deps, takeMessages(world))).toEqual([]);
    expect(listViolations((await inspectRun(world, runId)).facts)).toEqual([]);
  });
});

describe("a process that takes over while a person's change has its run", () => {
  test("waits for it before it ends a lease: neither of them waits for the other", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, { plan: planOf({ a: [], b: [] }) });
    expect(await claimWaiting(world)).toHaveLength(2);
    let takenOver: Promise<unknown> = Promise.resolve();
    // The cancel has its run and is about to lock what is open in it.
    const interrupted = interruptBefore(db, COMMIT, async () => {
      takenOver = takeOver(world.deps);
      // Who fails before the cancel is awaited has failed all the same.
      takenOver.catch(() => undefined);
      await untilSomebodyWaits();
    });

    await cancelRun({ ...world.deps, db: interrupted }, actorOf(world), runId);
    await takenOver;

    expect(await countEffects(world, runId)).toEqual({ cancelled: 2, done: 2 });
    expect((await inspectRun(world, runId)).run.status).toBe("cancelled");
  });
});

/** Until a connection to this database waits for a lock that another holds. */
async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await fresh.owner.transact({ role: "owner" }, (connection) =>
      connection.query(
        "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      ),
    );
    if (z.tuple([z.object({ waiting: z.int() })]).parse(rows)[0].waiting > 0) return;
  }
}
