import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { openWorld, postGoal, pricesOf, type World } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { reachExecution, takeMessages } from "../world/reach-execution.ts";
import { callToolThenSucceed, planOf, type Script } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(14);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const script: Script = { plan: planOf({ a: [], b: [], c: ["a"], d: ["b"], e: ["c", "d"] }), executor: callToolThenSucceed };
const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;

/** Cancels; false when the run had ended before. */
async function cancel(world: World, runId: string): Promise<boolean> {
  return cancelRun(world.deps, actorOf(world), runId).then(
    () => true,
    (error: unknown) => {
      if (error instanceof AppError && error.code === "conflict") return false;
      throw error;
    },
  );
}

const Touched = z.object({ state: z.string(), token: z.uuid().nullable() });

/** Every effect of a run with the lease it is under: what a claim would change. */
async function readLeases(runId: string): Promise<Map<string, z.infer<typeof Touched>>> {
  const { rows } = await db.transact({ role: "engine" }, (connection) =>
    connection.query("SELECT id, state, lease_token AS token FROM effects WHERE run_id = $1", [runId]),
  );
  return new Map(
    z
      .array(Touched.extend({ id: z.uuid() }))
      .parse(rows)
      .map(({ id, ...touched }) => [id, touched]),
  );
}

describe("a cancel in the middle of everything", () => {
  test("is the end: after its answer nothing is claimed, no step lands, late answers are booked, and nobody stays busy", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n), executorCapacity: 20 });
    const runIds = await Promise.all(Array.from({ length: 16 }, (_, index) => postGoal(world, `goal ${index}`, 1_000_000n)));
    const cancels: Promise<{ runId: string; cancelled: boolean; leases: Awaited<ReturnType<typeof readLeases>> }>[] = [];
    const waiting = [...runIds];

    await race(world, script, {
      workers: 6,
      onProgress(taken) {
        if (taken < cancels.length * 8) return;
        const runId = waiting.shift();
        if (runId === undefined) return;
        cancels.push(cancel(world, runId).then(async (cancelled) => ({ runId, cancelled, leases: await readLeases(runId) })));
      },
    });

    const answers = await Promise.all(cancels);
    expect(answers.filter(({ cancelled }) => cancelled).length).toBeGreaterThan(5);
    for (const { runId, cancelled, leases } of answers.filter((answer) => answer.cancelled)) {
      const { run, facts } = await inspectRun(world, runId);
      expect([cancelled, run.status]).toEqual([true, "cancelled"]);
      expect(listViolations(facts)).toEqual([]);
      // No effect was born or leased after the answer; the leases of that moment are the last.
      const after = await readLeases(runId);
      expect([...after].map(([id, { token }]) => [id, token])).toEqual([...after.keys()].map((id) => [id, leases.get(id)?.token]));
      expect(Object.keys(await countEffects(world, runId)).filter((state) => state === "due" || state === "running")).toEqual([]);
      const { held, reserved, spent, settled, billed } = await readBooks(world, runId);
      expect({ held, reserved, spent, billed }).toEqual({ held: 0n, reserved: 0n, spent: settled, billed: settled });
    }
    expect(await readLoads(world)).toEqual([]);
  });

  test("against eight hands that claim at that moment: each effect is either claimed before or never", async () => {
    for (let round = 0; round < 10; round += 1) {
      const world = await openWorld(db, { executorCapacity: 20 });
      const runId = await reachExecution(world, {
        plan: planOf(Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`t${index}`, []]))),
      });
      const messages = takeMessages(world);
      const claims = Array.from({ length: 8 }, (_, index) => claimForHands(world.deps, messages.slice(index * 2, index * 2 + 2)));
      await cancel(world, runId);
      const atAnswer = [...(await readLeases(runId)).values()].filter(({ state }) => state === "running").length;
      const granted = (await Promise.all(claims)).flat();

      expect(granted).toHaveLength(atAnswer);
      expect(await countEffects(world, runId)).toEqual({
        done: 2,
        ...(granted.length > 0 && { running: granted.length }),
        ...(granted.length < 16 && { cancelled: 16 - granted.length }),
      });
    }
  });
});

describe("pauses and resumes in the middle of everything", () => {
  test("lose no answer, double none, and the run ends as if there had been none", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n), executorCapacity: 20 });
    const runIds = await Promise.all(Array.from({ length: 6 }, (_, index) => postGoal(world, `goal ${index}`, 1_000_000n)));
    const changes: Promise<unknown>[] = [];
    const ignoreConflict = (error: unknown) => {
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
    };
    const hold = (runId: string) => pauseRun(world.deps, actorOf(world), runId).catch(ignoreConflict);
    const release = (runId: string) => resumeRun(world.deps, actorOf(world), runId, undefined).catch(ignoreConflict);

    await race(world, script, {
      workers: 6,
      onProgress(taken) {
        const runId = runIds[taken % runIds.length] ?? "";
        if (taken % 7 === 0) changes.push(hold(runId).then(() => release(runId)));
      },
    });
    await Promise.all(changes);
    // A resume may have come after the last worker left.
    await race(world, script, { workers: 6 });

    expect(changes.length).toBeGreaterThan(5);
    for (const runId of runIds) {
      const { run, facts } = await inspectRun(world, runId);
      expect(run.status).toBe("completed");
      expect(listViolations(facts)).toEqual([]);
      // A plan, five tasks of two calls, a review and a summary: none was asked twice.
      expect(run.usage).toMatchObject([{ calls: 13 }]);
      expect(await readBooks(world, runId)).toMatchObject({ spent: 780n, held: 0n, billed: 780n, lost: 0n });
    }
    expect(await readLoads(world)).toEqual([]);
  });
});
