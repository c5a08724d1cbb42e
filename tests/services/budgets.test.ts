import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { resumeRun } from "../../shared/orchestration/control/control-run.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(12);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const wide = (size: number): Script => ({
  plan: planOf(Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, []]))),
});
const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;

/** The same world, in which the budgets are looked at after every commit. Answers how often that was, and the budgets it saw overdrawn. */
function watchBudgets(world: World): { watched: World; seen: { commits: number; overdrawn: unknown[] } } {
  const seen = { commits: 0, overdrawn: new Array<unknown>() };
  const watching: Database = {
    ...db,
    async transact(actor, work) {
      const result = await db.transact(actor, work);
      const { rows } = await db.transact({ role: "engine" }, (connection) =>
        connection.query(
          "SELECT id, spent_nano, held_nano, limit_nano FROM budgets WHERE workspace_id = $1 AND spent_nano + held_nano > limit_nano",
          [world.workspaceId],
        ),
      );
      seen.commits += 1;
      seen.overdrawn.push(...rows);
      return result;
    },
  };
  return { watched: { ...world, deps: { ...world.deps, db: watching } }, seen };
}

test("fifty tasks at once, with money for ten calls, make ten calls; the run asks, and goes on when it is given more", async () => {
  const { watched: world, seen } = watchBudgets(await openWorld(db, { prices: pricesOf(100n, 100n), executorCapacity: 50 }));
  const script = wide(50);
  const runId = await postGoal(world, "fifty at once", 1_000n);

  await race(world, script, { workers: 4 });

  const paused = await inspectRun(world, runId);
  expect(paused.run.status).toBe("paused");
  expect(paused.facts.filter(({ fact }) => fact.type === "run-paused").map(({ fact }) => fact)).toEqual([
    { type: "run-paused", reason: "budget" },
  ]);
  // A recall, the plan and nine tasks: all that was paid for did run, and its tasks are completed.
  expect(await countEffects(world, runId)).toEqual({ done: 11 });
  expect(paused.run.tasks.filter((task) => task.kind === "executor" && task.status === "completed")).toHaveLength(9);
  expect(await readBooks(world, runId)).toEqual({ spent: 1_000n, held: 0n, settled: 1_000n, reserved: 0n, billed: 1_000n, lost: 0n });

  await resumeRun(world.deps, actorOf(world), runId, 5_300n);
  await race(world, script, { workers: 4 });

  const { run, facts } = await inspectRun(world, runId);
  expect(run.status).toBe("completed");
  expect(listViolations(facts)).toEqual([]);
  // The plan, fifty tasks, the review and the summary: to the last nano-dollar.
  expect(await readBooks(world, runId)).toEqual({ spent: 5_300n, held: 0n, settled: 5_300n, reserved: 0n, billed: 5_300n, lost: 0n });
  expect(await readLoads(world)).toEqual([]);
  expect(seen.overdrawn).toEqual([]);
  expect(seen.commits).toBeGreaterThan(50);
});

test("runs that share the budget of their workspace never spend more than it holds, whatever their own allow", async () => {
  const { watched: world, seen } = watchBudgets(await openWorld(db, { prices: pricesOf(100n, 70n), executorCapacity: 50 }));
  await db.transact(actorOf(world), (connection) => connection.query("UPDATE budgets SET limit_nano = 2000 WHERE scope = 'workspace'"));
  const runIds = await Promise.all(
    Array.from({ length: 5 }, (_, index) => postGoal(world, `goal ${index}`, index === 0 ? null : 100_000n)),
  );

  await race(world, wide(20), { workers: 4 });

  expect(seen.overdrawn).toEqual([]);
  const books = await Promise.all(runIds.map((runId) => readBooks(world, runId)));
  const workspace = await readWorkspaceBudget(world);
  expect(workspace.spent).toBe(books.reduce((sum, book) => sum + book.billed, 0n));
  expect(workspace.held).toBe(books.reduce((sum, book) => sum + book.reserved, 0n));
  for (const runId of runIds) expect((await inspectRun(world, runId)).run.status).toBe("paused");
});

async function readWorkspaceBudget(world: World): Promise<{ spent: bigint; held: bigint }> {
  const { rows } = await db.transact({ role: "engine" }, (connection) =>
    connection.query("SELECT spent_nano AS spent, held_nano AS held FROM budgets WHERE workspace_id = $1 AND scope = 'workspace'", [
      world.workspaceId,
    ]),
  );
  return z.tuple([z.object({ spent: z.coerce.bigint(), held: z.coerce.bigint() })]).parse(rows)[0];
}

describe("a bill above its hold", () => {
  test("is booked in full, told, and refuses what comes next until there is a budget for it", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 250n) });
    const script = { plan: planOf({ a: [] }) };
    const runId = await postGoal(world, "dearer than thought", 300n);

    await settleWorld(world, script);

    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("paused");
    expect(facts.map(({ fact }) => fact.type)).toContain("hold-exceeded");
    expect(await readBooks(world, runId)).toMatchObject({ spent: 250n, held: 0n, billed: 250n });

    await resumeRun(world.deps, actorOf(world), runId, 10_000n);
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await readBooks(world, runId)).toMatchObject({ spent: 1_000n, held: 0n, billed: 1_000n });
  });

  test("refuses a resume that brings too little, and changes nothing", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 100n) });
    const runId = await postGoal(world, "too little", 50n);
    await settleWorld(world, { plan: planOf({ a: [] }) });
    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "paused", budget: { limit_usd: "0.00000005" } });

    await resumeRun(world.deps, actorOf(world), runId, 60n);
    await settleWorld(world, { plan: planOf({ a: [] }) });

    // The call that did not fit does not fit now: the run asks again.
    expect((await inspectRun(world, runId)).run.status).toBe("paused");
    expect(await readBooks(world, runId)).toMatchObject({ spent: 0n, held: 0n });
  });
});
