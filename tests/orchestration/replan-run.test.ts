import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { findPlanOfTask } from "../../shared/orchestration/plans/sql.ts";
import { replanRun } from "../../shared/orchestration/replan/replan-run.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf } from "../world/forks.ts";
import { inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { carryOutDue, openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { drainControl } from "../world/reach-execution.ts";
import { planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let world: World;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openTestDatabase();
  ({ close } = opened);
  world = await openWorld(opened.database, { prices: pricesOf(100n, 60n) });
}, 60_000);
afterAll(() => close());

const another = planOf({ x: ["done-1"], y: [] });
const script: Script = { plan: planOf({ a: [], b: ["a"], c: ["b"] }), replan: another };

/** A run of the plan a, b, c of which `a` has completed and `b` is asked of its model. */
async function reachSecondTask(replans = 1): Promise<string> {
  const runId = uuidv7();
  const { workspaceId } = world;
  const goal = { goal: "three letters", files: [], model: "local:scripted", limit: 100_000n };
  await createRun(world.deps, { runId, workspaceId, userId: workspaceId, ...goal, replans });
  for (;;) {
    await drainControl(world);
    const { run } = await inspectRun(world, runId);
    if (run.tasks.some(({ name, status }) => name === "Task b" && status === "in_progress")) return runId;
    await processReports(world.deps, await carryOutDue(world, script, 10));
  }
}

const replan = (runId: string, note?: string, id = uuidv7()) => replanRun(world.deps, actorOf(world), runId, { id, note });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const outcome = async (runId: string) => {
  const { run, facts } = await inspectRun(world, runId);
  const tasks = run.tasks.flatMap(({ kind, name, status }) => (kind === "executor" ? [`${name.slice(-1)} ${status}`] : []));
  return { status: run.status, tasks, violations: listViolations(facts) };
};

describe("a run that its person has planned again", () => {
  test("keeps what has completed, cancels the rest, and is planned by somebody who reads the person's note", async () => {
    const runId = await reachSecondTask();
    const reports = await carryOutDue(world, script, 10);
    expect(await replan(runId, "Use the other table")).toEqual({ run_id: runId, status: "running", replans_left: 0 });
    // Answered too late: booked, and of no consequence.
    await processReports(world.deps, reports);
    const goals: string[] = [];
    await settleWorld(world, {
      ...script,
      executor: (call) => {
        goals.push(z.string().parse(call.variables["goal"]));
        return succeedWith("done");
      },
    });

    expect(await outcome(runId)).toEqual({
      status: "completed",
      tasks: ["a completed", "b cancelled", "c cancelled", "x completed", "y completed"],
      violations: [],
    });
    const { run, facts } = await inspectRun(world, runId);
    expect(run.plan.levels).toEqual([[1, 5], [4]]);
    const plan = await world.deps.db.transact(actorOf(world), (db) => findPlanOfTask(db, run.task_id));
    expect(plan?.tasks.map(({ ordinal }) => ordinal)).toEqual([1, 4, 5]);
    expect(plan?.edges).toHaveLength(1);
    expect(run).toMatchObject({ replans: [{ cause: "person", detail: "Use the other table" }], replans_left: 0 });
    expect(run.tasks.find(({ name }) => name === "Task x")?.depends_on).toEqual([1]);
    expect(facts.map(({ fact }) => fact)).toContainEqual({
      type: "replanned",
      cause: "person",
      detail: "Use the other table",
      by: world.workspaceId,
      left: 0,
    });
    expect(await readGoalsOfPlanners(runId)).toEqual(["three letters", "three letters\n\nAdded by the person since:\nUse the other table"]);
    expect(new Set(goals)).toEqual(new Set(["three letters"]));
    const { spent, held, billed } = await readBooks(world, runId);
    expect({ spent, held }).toEqual({ spent: billed, held: 0n });
    expect(await readLoads(world)).toEqual([]);
  });

  test("may be paused meanwhile, and goes on when it is resumed", async () => {
    const runId = await reachSecondTask();
    await pauseRun(world.deps, actorOf(world), runId);

    expect((await replan(runId)).status).toBe("paused");
    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run.status).toBe("paused");
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, script);

    expect(await outcome(runId)).toMatchObject({ status: "completed", violations: [] });
  });

  test("is planned again once for one request that comes twice", async () => {
    const runId = await reachSecondTask(2);
    const id = uuidv7();
    const first = await replan(runId, "once", id);

    expect(await replan(runId, "once", id)).toEqual(first);
    await settleWorld(world, script);
    expect(await replan(runId, "once", id)).toMatchObject({ status: "completed", replans_left: 1 });
    expect((await inspectRun(world, runId)).run.replans).toHaveLength(1);
  });
});

describe("a run is not planned again", () => {
  test("while it has no plan, on its way to another, when it has spent its replans, and when it has ended", async () => {
    const planning = uuidv7();
    const { workspaceId } = world;
    const goal = { goal: "later", files: [], model: "local:scripted", limit: null, replans: 1 };
    await createRun(world.deps, { runId: planning, workspaceId, userId: workspaceId, ...goal });
    expect(await codeOf(replan(planning))).toBe("conflict");
    await drainControl(world);
    expect(await codeOf(replan(planning))).toBe("conflict");
    await cancelRun(world.deps, actorOf(world), planning);
    expect(await codeOf(replan(planning))).toBe("run-ended");
    world.effects.splice(0);

    const spent = await reachSecondTask(0);
    const { facts } = await inspectRun(world, spent);
    expect(await codeOf(replan(spent))).toBe("no-replans-left");
    expect((await inspectRun(world, spent)).facts).toEqual(facts);
    await settleWorld(world, script);
    expect(await codeOf(replan(spent))).toBe("run-ended");

    const due = await reachSecondTask(2);
    await replan(due);
    expect(await codeOf(replan(due))).toBe("conflict");
    await settleWorld(world, script);
    expect(await outcome(due)).toMatchObject({ status: "completed", violations: [] });

    expect(await codeOf(replan(uuidv7()))).toBe("not-found");
  });
});

async function readGoalsOfPlanners(runId: string): Promise<string[]> {
  const { rows } = await world.deps.db.transact({ role: "engine" }, (db) =>
    db.query(
      `SELECT p.body #>> '{variables,goal}' AS goal FROM tasks t JOIN task_attempts a ON a.task_id = t.id
      JOIN payloads p ON p.id = a.briefing_payload_id WHERE t.run_id = $1 AND t.kind = 'planner' ORDER BY a.id`,
      [runId],
    ),
  );
  return z
    .array(z.object({ goal: z.string() }))
    .parse(rows)
    .map(({ goal }) => goal);
}
