import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EffectOutcome } from "../../shared/effects/contract.ts";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { inspectRun, listViolations, readLoads } from "../world/inspect.ts";
import { carryOutDue, openWorld, postGoal, settleWorld } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { drainControl, takeMessages } from "../world/reach-execution.ts";
import { callToolThenSucceed, failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await createFreshDatabase(10);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

describe("one conductor", () => {
  it("plans, executes, reviews and summarises a diamond of tasks", async () => {
    const world = await openWorld(db);
    const runId = await postGoal(world, "a diamond");

    await settleWorld(world, { plan: planOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] }) });

    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    expect(run.tasks.filter((task) => task.kind === "executor").map((task) => [task.ordinal, task.status, task.depends_on])).toEqual([
      [1, "completed", []],
      [2, "completed", [1]],
      [3, "completed", [1]],
      [4, "completed", [2, 3]],
    ]);
    expect(listViolations(facts)).toEqual([]);
    expect(run.memories).toHaveLength(1);
  });

  it("cancels what depends on a failed task, carries out the rest, and fails with the reason", async () => {
    const world = await openWorld(db);
    const runId = await postGoal(world, "one fails");
    const fail = (call: LlmCall) =>
      JSON.stringify(call.variables["task"]).includes("Do b") ? failWith("unsupported_offline: no") : succeedWith(1);

    await settleWorld(world, { plan: planOf({ a: [], b: [], c: ["b"], d: ["a", "c"], e: ["a"] }), executor: fail });

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "failed", error: { code: "unsupported_offline", detail: "Task 2 (Task b): no" } });
    expect(run.tasks.filter((task) => task.kind === "executor").map((task) => task.status)).toEqual([
      "completed",
      "failed",
      "cancelled",
      "cancelled",
      "completed",
    ]);
    expect(listViolations(facts)).toEqual([]);
    expect(await readLoads(world)).toEqual([]);
  });

  it("tries a task once more when its model could not be reached, and no more than that", async () => {
    const world = await openWorld(db);
    const runId = await postGoal(world, "no model");
    const down = { code: "provider-unavailable", detail: "nobody answers", retryable: true };

    await settleWorld(world, { plan: planOf({ a: [] }), executor: () => ({ status: "failed", error: down }) });

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "failed", error: { code: "provider-unavailable" } });
    expect(run.tasks.find((task) => task.ordinal === 1)).toMatchObject({ status: "failed", attempts: 2 });
    expect(facts.filter(({ fact }) => fact.type === "task-retried")).toHaveLength(1);
    expect(await readLoads(world)).toEqual([]);
  });

  it("fails a plan that no agent can carry out, and says what is missing", async () => {
    const world = await openWorld(db);
    const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
    await db.transact(actor, (connection) => connection.query("UPDATE agents SET capabilities = '{read_file}' WHERE role = 'executor'"));
    const plan = planOf({ a: [], b: [] });
    const tasks = plan.tasks.map((task) => ({ ...task, required_capabilities: task.id === "b" ? ["write_file"] : [] }));
    const runId = await postGoal(world, "nobody can");

    await settleWorld(world, { plan: { ...plan, tasks } });

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({
      status: "failed",
      error: { code: "no-agent", detail: 'No executor agent has what task "b" requires: write_file' },
    });
    expect(facts.map(({ fact }) => fact.type)).not.toContain("plan-stored");
  });
});

describe("eight conductors and eight hands", () => {
  it("claim every effect once, complete every task once, and leave no gap in any log", async () => {
    const world = await openWorld(db, { executorCapacity: 4 });
    const plan = planOf({ a: [], b: [], c: ["a"], d: ["a", "b"], e: ["c", "d"], f: ["e"] });
    const script: Script = { plan, executor: refuseMissingInputs };
    const runIds = await Promise.all(Array.from({ length: 6 }, (_, index) => postGoal(world, `goal ${index}`)));

    const granted = await race(world, script, { workers: 8 });

    expect([...granted.values()].filter((count) => count > 1)).toEqual([]);
    for (const runId of runIds) {
      const { run, facts } = await inspectRun(world, runId);
      expect(run.status).toBe("completed");
      expect(listViolations(facts)).toEqual([]);
    }
    expect(await readLoads(world)).toEqual([]);
  });
});

/** Calls a tool first. A task that begins before it has the results of all its parents says so by failing. */
function refuseMissingInputs(call: LlmCall): EffectOutcome {
  const missing = call.inputs.filter((input) => input.result === null).map((input) => input.ordinal);
  return missing.length === 0 ? callToolThenSucceed(call) : failWith(`missing-input: ${missing.join(", ")}`);
}

describe("claims", () => {
  it("grant an effect to one of eight hands that ask in different orders", async () => {
    const world = await openWorld(db);
    await Promise.all(Array.from({ length: 40 }, () => postGoal(world, "claim me")));
    await drainControl(world);
    const messages = takeMessages(world);
    expect(messages).toHaveLength(40);

    const orders = Array.from({ length: 8 }, (_, index) => [...messages.slice(index * 5), ...messages.slice(0, index * 5)]);
    const granted = (await Promise.all(orders.map((order) => claimForHands(world.deps, order)))).flat().map((effect) => effect.effect_id);

    expect(granted.toSorted()).toEqual(messages.map((message) => message.effect_id).toSorted());
  });
});

describe("two parents of one task, completed by two conductors at once", () => {
  it("leave their child to be read again, so that it begins with both results", async () => {
    const world = await openWorld(db);
    const script: Script = { plan: planOf({ a: [], b: [], c: ["a", "b"] }), executor: refuseMissingInputs };
    const runId = await postGoal(world, "two parents");
    while (world.effects.length < 2) {
      await processControl(world.deps, world.control.splice(0, 10));
      if (world.effects.length === 1) await processReports(world.deps, await carryOutDue(world, script, 1));
    }
    const [first, second] = await carryOutDue(world, script, 2);
    if (first === undefined || second === undefined) throw new Error("both parents are under way");

    // The first has read that its child still waits for the second when the second is committed.
    const overtaken = beforeLocking(world.deps.db, () => processReports(world.deps, [second]));
    await processReports({ ...world.deps, db: overtaken }, [first]);
    await settleWorld(world, script);

    const { run } = await inspectRun(world, runId);
    expect(run.error).toBeNull();
    expect(run.status).toBe("completed");
  });
});

/** The same database, on which `work` is done once, right before the first batch is locked. */
function beforeLocking(database: Database, work: () => Promise<unknown>): Database {
  let done = false;
  return {
    close: () => database.close(),
    transact: (actor, inner) =>
      database.transact(actor, (connection) =>
        inner({
          async query(text, values) {
            if (!done && text.includes("lock_batch(")) {
              done = true;
              await work();
            }
            return connection.query(text, values);
          },
        }),
      ),
  };
}
