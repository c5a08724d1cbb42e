import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { setDayLimit, setRunLimit, setTaskLimit, setUserLimit, setWorkspaceLimit } from "../../shared/orchestration/budgets/set-limit.ts";
import { listBudgets } from "../../shared/orchestration/budgets/sql.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { inspectRun } from "../world/inspect.ts";
import { carryOutDue, openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
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
const own = async (world: World) => {
  await db.transact(actorOf(world), (connection) =>
    connection.query("INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $1, 'owner')", [world.workspaceId]),
  );
  return world;
};

const LedgerRow = z.object({
  scope: z.string(),
  day: z.string().nullable(),
  spent: z.coerce.bigint(),
  held: z.coerce.bigint(),
  /** What usage rows and lost tries say that `spent` must be. */
  billed: z.coerce.bigint(),
  /** What its open holds say that `held` must be. */
  reserved: z.coerce.bigint(),
});

/** Every budget of a workspace beside what bills and holds say that it must be. */
async function readLedger(world: World): Promise<z.infer<typeof LedgerRow>[]> {
  return db.transact({ role: "engine" }, async (connection) => {
    const { rows } = await connection.query(
      `WITH bills AS (
          SELECT u.run_id, u.task_id, u.user_id, (w.created_at AT TIME ZONE 'UTC')::date AS day, u.cost_nano AS cost FROM llm_usage u
            JOIN budget_holds w ON w.effect_id = u.effect_id AND w.try = u.try JOIN budgets wb ON wb.id = w.budget_id AND wb.scope = 'workspace'
            WHERE u.workspace_id = $1
          UNION ALL
          SELECT h.run_id, e.task_id, r.user_id, (h.created_at AT TIME ZONE 'UTC')::date, h.settled_nano FROM budget_holds h
            JOIN budgets b ON b.id = h.budget_id AND b.scope = 'workspace' JOIN effects e ON e.id = h.effect_id JOIN runs r ON r.id = h.run_id
            WHERE h.workspace_id = $1 AND h.state = 'unsettled')
      SELECT b.scope, b.day::text, b.spent_nano AS spent, b.held_nano AS held,
        COALESCE((SELECT sum(cost) FROM bills WHERE (b.run_id IS NULL OR bills.run_id = b.run_id) AND (b.task_id IS NULL OR bills.task_id = b.task_id)
          AND (b.user_id IS NULL OR bills.user_id = b.user_id) AND (b.day IS NULL OR bills.day = b.day)), 0) AS billed,
        COALESCE((SELECT sum(amount_nano) FROM budget_holds h WHERE h.budget_id = b.id AND h.state = 'held'), 0) AS reserved
      FROM budgets b WHERE b.workspace_id = $1 ORDER BY b.scope, b.id`,
      [world.workspaceId],
    );
    return z.array(LedgerRow).parse(rows);
  });
}

/** The budgets whose sums are not what bills and holds say. */
const wrongSums = async (world: World) =>
  (await readLedger(world)).filter(({ spent, held, billed, reserved }) => spent !== billed || held !== reserved);

const scopesOf = async (world: World) => [...new Set((await readLedger(world)).map((row) => row.scope))].toSorted();

describe("a budget of a user, a day or a task", () => {
  test("begun in the middle counts what was spent by then, and settles what is held", async () => {
    const world = await own(await openWorld(db, { prices: pricesOf(100n, 60n), executorCapacity: 50 }));
    const runId = await postGoal(world, "begun before", 100_000n);
    while ((await inspectRun(world, runId)).run.phase !== "execute" || world.effects.length < 5) {
      await processControl(world.deps, world.control.splice(0, 10));
      if (world.effects.length < 5) await processReports(world.deps, await carryOutDue(world, wide(5), 10));
    }
    const first = (await inspectRun(world, runId)).run.tasks.find((task) => task.ordinal === 1);

    const day = await setDayLimit(world.deps, actorOf(world), undefined, 100_000n);
    const user = await setUserLimit(world.deps, actorOf(world), world.workspaceId, 100_000n);
    const myDay = await setDayLimit(world.deps, actorOf(world), world.workspaceId, 100_000n);
    const task = await setTaskLimit(world.deps, actorOf(world), first?.id ?? "", 100_000n);

    for (const budget of [day, user, myDay]) expect(budget).toMatchObject({ spent_nano: 60n, held_nano: 500n });
    expect(task).toMatchObject({ spent_nano: 0n, held_nano: 100n });
    expect(await wrongSums(world)).toEqual([]);
    await settleWorld(world, wide(5));
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await wrongSums(world)).toEqual([]);
    expect(await scopesOf(world)).toEqual(["day", "run", "task", "user", "workspace"]);
    const shown = await db.transact(actorOf(world), (connection) => listBudgets(connection, day.day ?? ""));
    expect(shown.map((row) => [row.scope, row.spent_nano])).toEqual([
      ["workspace", 480n],
      ["day", 480n],
      ["user", 480n],
      ["day", 480n],
    ]);
  });

  test("refuses what it does not cover; the next day has a budget of its own", async () => {
    const world = await own(await openWorld(db, { prices: pricesOf(100n, 100n) }));
    await setDayLimit(world.deps, actorOf(world), undefined, 200n);
    const runId = await postGoal(world, "two a day");

    await settleWorld(world, wide(3));

    // The plan and one task, or what else 200 buys.
    expect((await inspectRun(world, runId)).run.status).toBe("paused");
    const spent = async () => (await readLedger(world)).filter((row) => row.scope === "day").map((row) => row.spent + row.held);
    expect(await spent()).toEqual([200n]);

    world.clock.now = new Date(world.clock.now.getTime() + 24 * 3_600_000);
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, wide(3));

    expect(await spent()).toEqual([200n, 200n]);
    expect(await wrongSums(world)).toEqual([]);
  });

  test("may be lowered below what is spent: then nothing more is begun", async () => {
    const world = await own(await openWorld(db, { prices: pricesOf(100n, 100n) }));
    const runId = await postGoal(world, "lowered", 10_000n);
    await settleWorld(world, wide(1));
    const budget = await setWorkspaceLimit(world.deps, actorOf(world), 1n);
    expect(budget).toMatchObject({ limit_nano: 1n, spent_nano: 400n });

    const next = await postGoal(world, "refused", 10_000n);
    await settleWorld(world, wide(1));

    expect((await inspectRun(world, next)).run.status).toBe("paused");
    await expect(setRunLimit(world.deps, actorOf(world), runId, 5n)).rejects.toMatchObject({ code: "conflict" });
    expect(await setRunLimit(world.deps, actorOf(world), next, 5n)).toMatchObject({ scope: "run", limit_nano: 5n });
    expect((await inspectRun(world, next)).facts.at(-1)?.fact).toEqual({
      type: "budget-set",
      scope: "run",
      limit_usd: "0.000000005",
      by: world.workspaceId,
    });
  });

  test("is set by owners, for members", async () => {
    const world = await openWorld(db);
    await expect(setWorkspaceLimit(world.deps, actorOf(world), 5n)).rejects.toMatchObject({ code: "forbidden" });
    await own(world);
    const stranger = (await openWorld(db)).workspaceId;
    await expect(setUserLimit(world.deps, actorOf(world), stranger, 5n)).rejects.toMatchObject({ code: "not-found" });
    await expect(setDayLimit(world.deps, actorOf(world), stranger, 5n)).rejects.toMatchObject({ code: "not-found" });
    expect(await scopesOf(world)).toEqual(["workspace"]);
  });
});

type Deed = { kind: string; pick: number; amount: number };
type Scene = { world: World; script: Script; runId: string; pick: number; limit: bigint };

/** What a race makes impossible by then is refused, which is no fault: everything else is. */
const orRefused = (error: unknown) => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "conflict" && code !== "not-found") throw error;
};

const deeds: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  control: ({ world }) => processControl(world.deps, world.control.splice(0, 3)),
  async effects({ world, script }) {
    const reports = await carryOutDue(world, script, 3);
    if (reports.length > 0) await processReports(world.deps, [...reports, ...reports]);
  },
  async more(scene) {
    await deeds["effects"]?.(scene);
  },
  pause: ({ world, runId }) => pauseRun(world.deps, actorOf(world), runId).catch(orRefused),
  resume: ({ world, runId }) => resumeRun(world.deps, actorOf(world), runId, undefined).catch(orRefused),
  async cancel({ world, runId, pick }) {
    if (pick === 9) await cancelRun(world.deps, actorOf(world), runId).catch(orRefused);
  },
  workspace: ({ world, limit }) => setWorkspaceLimit(world.deps, actorOf(world), limit * 4n),
  day: ({ world, limit }) => setDayLimit(world.deps, actorOf(world), undefined, limit * 3n),
  user: ({ world, limit }) => setUserLimit(world.deps, actorOf(world), world.workspaceId, limit * 3n),
  myDay: ({ world, limit }) => setDayLimit(world.deps, actorOf(world), world.workspaceId, limit * 2n),
  async task({ world, runId, pick, limit }) {
    const { tasks } = (await inspectRun(world, runId)).run;
    const task = tasks[pick % Math.max(1, tasks.length)];
    if (task !== undefined) await setTaskLimit(world.deps, actorOf(world), task.id, limit).catch(orRefused);
  },
  /** A hand that took effects and died: their leases end, and the watchdog looks. */
  async lose({ world, script, runId, pick }) {
    await carryOutDue(world, script, 2);
    world.clock.now = new Date(world.clock.now.getTime() + 3_600_000 * (1 + pick));
    await processControl(world.deps, [{ kind: "hint", run_id: runId }]);
  },
};

const Deed = fc.record({ kind: fc.constantFrom(...Object.keys(deeds)), pick: fc.nat(9), amount: fc.integer({ min: 0, max: 3_000 }) });

async function carryOutDeed(world: World, script: Script, runIds: readonly string[], { kind, pick, amount }: Deed): Promise<void> {
  await deeds[kind]?.({ world, script, runId: runIds[pick % runIds.length] ?? "", pick, limit: BigInt(amount) });
}

test("sums are what bills and holds say, of every budget, whatever was done at once and in which order", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(Deed, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 25 }), async (rounds) => {
      const world = await own(await openWorld(db, { prices: pricesOf(100n, 70n), executorCapacity: 5 }));
      const script = wide(4);
      const runIds = [await postGoal(world, "one", 5_000n), await postGoal(world, "two", null)];
      for (const round of rounds) {
        await Promise.all(round.map((deed) => carryOutDeed(world, script, runIds, deed)));
        expect(await wrongSums(world)).toEqual([]);
      }
      await race(world, script, { workers: 2 });
      expect(await wrongSums(world)).toEqual([]);
    }),
    { numRuns: 12 },
  );
});
