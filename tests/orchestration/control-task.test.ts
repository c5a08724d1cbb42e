import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelTask, pauseTask, resumeTask } from "../../shared/orchestration/control/control-task.ts";
import { extendLeases } from "../../shared/orchestration/sql/claim-effects.ts";
import { readWatch } from "../../shared/orchestration/sql/lock-run.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { carryOutDue, openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
let world: World;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
});
afterAll(() => close());

const script: Script = { plan: planOf({ a: [], b: ["a"], c: ["b"], d: [] }) };

/** A run whose plan has begun: `a` and `d` are asked of their model, and nobody has taken the calls yet. */
async function reachPlan(
  capacity = 10,
): Promise<{ runId: string; actor: Parameters<typeof cancelTask>[1]; taskNamed: (name: string) => Promise<string> }> {
  world = await openWorld(db, { prices: pricesOf(100n, 60n), executorCapacity: capacity });
  const runId = await postGoal(world, "four letters", 10_000n);
  for (;;) {
    await processControl(world.deps, world.control.splice(0, 10));
    const { run } = await inspectRun(world, runId);
    if (run.phase === "execute" && world.control.length === 0) break;
    await processReports(world.deps, await carryOutDue(world, script, 10));
  }
  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  const taskNamed = async (name: string) => (await inspectRun(world, runId)).run.tasks.find((task) => task.name === name)?.id ?? "";
  return { runId, actor, taskNamed };
}

const outcome = async (runId: string) => {
  const { run, facts } = await inspectRun(world, runId);
  const tasks = run.tasks.flatMap(({ kind, name, status }) => (kind === "executor" ? [`${name.slice(-1)} ${status}`] : []));
  return { status: run.status, error: run.error?.code ?? null, tasks, violations: listViolations(facts) };
};

describe("a task that is cancelled", () => {
  test("before it was claimed is never carried out, and its run completes with the rest", async () => {
    const { runId, actor, taskNamed } = await reachPlan();
    const id = await taskNamed("Task a");

    expect(await cancelTask(world.deps, actor, id)).toEqual({ task_id: id, run_id: runId, status: "cancelled", is_paused: false });
    await settleWorld(world, script);

    expect(await outcome(runId)).toEqual({
      status: "completed",
      error: null,
      tasks: ["a cancelled", "b cancelled", "c cancelled", "d completed"],
      violations: [],
    });
    const { spent, held, billed } = await readBooks(world, runId);
    expect({ spent, held }).toEqual({ spent: billed, held: 0n });
    expect(await readLoads(world)).toEqual([]);
  });

  test("while it is carried out tells the hand to stop, and books its answer late", async () => {
    const { runId, actor, taskNamed } = await reachPlan();
    const reports = await carryOutDue(world, script, 10);
    await cancelTask(world.deps, actor, await taskNamed("Task a"));

    const leases = reports.map(({ effect_id, lease_token }) => ({ effect_id, lease_token }));
    const told = await db.transact({ role: "engine" }, (connection) => extendLeases(connection, leases, 90, world.deps.now()));
    expect(told.filter(({ stop }) => stop)).toHaveLength(1);
    expect(told).toHaveLength(2);
    await processReports(world.deps, reports);
    await settleWorld(world, script);

    const { facts } = await inspectRun(world, runId);
    expect(facts.filter(({ fact }) => fact.type === "effect-answered" && fact.state === "late")).toHaveLength(1);
    expect(await outcome(runId)).toMatchObject({ status: "completed", violations: [] });
    const { spent, held, billed } = await readBooks(world, runId);
    expect({ spent, held }).toEqual({ spent: billed, held: 0n });
  });

  test("with all the others leaves nothing to complete: the run fails with that reason", async () => {
    const { runId, actor, taskNamed } = await reachPlan();
    for (const name of ["Task a", "Task d"]) await cancelTask(world.deps, actor, await taskNamed(name));
    await settleWorld(world, script);

    expect(await outcome(runId)).toMatchObject({ status: "failed", error: "task-cancelled", violations: [] });
  });

  test("is refused with what it is, and nothing has changed", async () => {
    const { runId, actor, taskNamed } = await reachPlan();
    const id = await taskNamed("Task a");
    await cancelTask(world.deps, actor, id);
    const before = await inspectRun(world, runId);

    for (const verb of [cancelTask, pauseTask, resumeTask]) {
      await expect(verb(world.deps, actor, id)).rejects.toMatchObject({ code: "conflict", detail: "The task is cancelled already" });
      await expect(verb(world.deps, actor, before.run.tasks[0]?.id ?? "")).rejects.toMatchObject({ code: "conflict" });
    }
    expect(await inspectRun(world, runId)).toEqual(before);
  });
});

describe("a task that is paused", () => {
  test("holds its branch alone, sleeps without a look at the database, and goes on where it was", async () => {
    const { runId, actor, taskNamed } = await reachPlan();
    const id = await taskNamed("Task a");
    expect(await pauseTask(world.deps, actor, id)).toMatchObject({ status: "in_progress", is_paused: true });
    await settleWorld(world, script);
    expect(await outcome(runId)).toMatchObject({ status: "running", tasks: ["a in_progress", "b pending", "c pending", "d completed"] });
    const watch = await db.transact({ role: "engine" }, (connection) => readWatch(connection, runId, world.deps.now()));
    expect(watch?.sleeps_until).not.toBeNull();

    expect(await resumeTask(world.deps, actor, id)).toMatchObject({ is_paused: false });
    await settleWorld(world, script);

    expect(await outcome(runId)).toMatchObject({ status: "completed", violations: [] });
    const { facts } = await inspectRun(world, runId);
    expect(
      facts.flatMap(({ fact }) => (fact.type === "task-paused" || fact.type === "task-resumed" ? [`${fact.type} ${fact.name}`] : [])),
    ).toEqual(["task-paused Task a", "task-resumed Task a"]);
  });

  test("before its turn does not begin when its turn comes, nor for room that became free", async () => {
    const { runId, actor, taskNamed } = await reachPlan(1);
    await pauseTask(world.deps, actor, await taskNamed("Task b"));
    await pauseTask(world.deps, actor, await taskNamed("Task d"));
    await settleWorld(world, script);
    expect(await outcome(runId)).toMatchObject({ tasks: ["a completed", "b pending", "c pending", "d pending"] });

    await resumeTask(world.deps, actor, await taskNamed("Task d"));
    await resumeTask(world.deps, actor, await taskNamed("Task b"));
    await settleWorld(world, script);
    expect(await outcome(runId)).toMatchObject({ status: "completed", violations: [] });
  });

  test("keeps an answer that was under way and pays nothing twice", async () => {
    const { runId, actor, taskNamed } = await reachPlan();
    const reports = await carryOutDue(world, script, 10);
    await pauseTask(world.deps, actor, await taskNamed("Task a"));
    await processReports(world.deps, reports);
    await settleWorld(world, script);
    expect(await outcome(runId)).toMatchObject({ tasks: ["a in_progress", "b pending", "c pending", "d completed"] });

    await resumeTask(world.deps, actor, await taskNamed("Task a"));
    await settleWorld(world, script);

    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    // Recall and plan, four tasks, review and summary: each answered once.
    expect(facts.filter(({ fact }) => fact.type === "effect-answered")).toHaveLength(8);
  });

  test("is not paused again, and one that is not paused is not resumed", async () => {
    const { actor, taskNamed } = await reachPlan();
    const id = await taskNamed("Task d");
    await expect(resumeTask(world.deps, actor, id)).rejects.toMatchObject({ detail: "The task is not paused, so it cannot be resumed" });
    await pauseTask(world.deps, actor, id);
    await expect(pauseTask(world.deps, actor, id)).rejects.toMatchObject({ detail: "The task is paused already" });
  });
});
