import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { Plan } from "../../shared/agents/contract.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun } from "../../shared/orchestration/control/control-run.ts";
import { cancelTask } from "../../shared/orchestration/control/control-task.ts";
import { updateTask } from "../../shared/orchestration/control/update-task.ts";
import { insertAgent, updateWorkspaceRoom } from "../../shared/orchestration/sql/write-agents.ts";
import { startReady } from "../../shared/orchestration/start/start-tasks.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { taskNamed } from "../world/forks.ts";
import { inspectRun, listViolations } from "../world/inspect.ts";
import { carryOutDue, openWorld, postGoal, settleWorld, type World } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { drainControl, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(12);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const wide = (size: number) => planOf(Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, []])));
/** So many tasks that are ready at once, and one behind them all: each holds up more than a task that stands alone. */
function behindAll(size: number): Plan {
  const names = Array.from({ length: size }, (_, index) => `t${index}`);
  return planOf({ ...Object.fromEntries(names.map((name) => [name, []])), after: names });
}
const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;
const setRoom = (world: World, tasks: number) => db.transact(actorOf(world), (connection) => updateWorkspaceRoom(connection, tasks));

/** Of the executors' tasks, in the order of the log. */
async function namesOfBegun(world: World, runId: string): Promise<string[]> {
  const { facts } = await inspectRun(world, runId);
  return facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.name] : []));
}

/** What the workspace's row says that runs, what really does, and what may. */
async function readRoom(world: World): Promise<{ counted: number; running: number; most: number }> {
  const { rows } = await db.transact({ role: "engine" }, (connection) =>
    connection.query(
      `SELECT running_tasks AS counted, max_running_tasks AS most,
        (SELECT count(*)::int FROM task_attempts a WHERE a.workspace_id = b.workspace_id AND a.status = 'running') AS running
      FROM budgets b WHERE workspace_id = $1 AND scope = 'workspace'`,
      [world.workspaceId],
    ),
  );
  return z.tuple([z.object({ counted: z.int(), running: z.int(), most: z.int() })]).parse(rows)[0];
}

describe("what waits begins by what it holds up", () => {
  test("first the longest way to the end, then what is older", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const script: Script = { plan: planOf({ x: [], y: [], a: [], b: ["a"], c: ["b"] }) };
    const runId = await reachExecution(world, script);
    await settleWorld(world, script);

    expect(await namesOfBegun(world, runId)).toEqual(["Task a", "Task b", "Task x", "Task y", "Task c"]);
  });

  test("and goes by what a person says that it takes", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const runId = await reachExecution(world, { plan: wide(3) });
    await updateTask(world.deps, actorOf(world), await taskNamed(world, runId, "t2"), { estimated_duration_seconds: 60 });
    await settleWorld(world, { plan: wide(3) });

    expect(await namesOfBegun(world, runId)).toEqual(["Task t0", "Task t2", "Task t1"]);
  });

  test("in all runs of a workspace alike, whichever was posted first", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const short = await reachExecution(world, { plan: wide(2) });
    const held = world.effects.splice(0);
    const long = await reachExecution(world, { plan: planOf({ a: [], b: ["a"], c: ["b"] }) });
    world.effects.push(...held);
    await processReports(world.deps, await carryOutDue(world, { plan: wide(2) }, 1));

    expect(await namesOfBegun(world, short)).toEqual(["Task t0"]);
    expect(await namesOfBegun(world, long)).toEqual(["Task a"]);
  });
});

describe("a backlog that nobody can begin hides none that somebody can", () => {
  test("of another agent in the same run, however long it is", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const settings = { max_concurrent_tasks: 1, prompt_version: "v1", model: "default", temperature: null, max_tokens: 1_000 };
    const agent = {
      ...settings,
      id: uuidv7(),
      workspaceId: world.workspaceId,
      name: "Rare",
      role: "custom" as const,
      capabilities: ["read_file"],
    };
    await db.transact(actorOf(world), (connection) => insertAgent(connection, agent));
    await db.transact(actorOf(world), (connection) => connection.query("UPDATE agents SET capabilities = '{}' WHERE role = 'executor'"));
    // More than one batch begins stand before it.
    const plan = behindAll(120);
    const alone = planOf({ alone: [] }).tasks.map((task) => ({ ...task, required_capabilities: ["read_file"] }));
    const runId = await reachExecution(world, { plan: { ...plan, tasks: [...plan.tasks, ...alone] } });

    expect(await namesOfBegun(world, runId)).toEqual(["Task t0", "Task alone"]);
  });

  test("of another workspace whose phase begins by the same commit", async () => {
    const crowd = await openWorld(db, { executorCapacity: 1 });
    const small: World = {
      ...(await openWorld(db, { executorCapacity: 1 })),
      deps: crowd.deps,
      control: crowd.control,
      effects: crowd.effects,
    };
    const large = await reachExecution(crowd, { plan: behindAll(120) });
    crowd.effects.splice(0);
    const five = await reachExecution(small, { plan: wide(5) });
    await db.transact(actorOf(small), (connection) => connection.query("UPDATE agents SET max_concurrent_tasks = 10"));

    await startReady(crowd.deps, [large, five]);

    expect(await namesOfBegun(crowd, large)).toHaveLength(1);
    expect(await namesOfBegun(small, five)).toHaveLength(5);
  });
});

describe("the cap of a workspace", () => {
  test("is never passed by four conductors, whatever room its agents have, and is reached", async () => {
    const world = await openWorld(db, { executorCapacity: 50 });
    await setRoom(world, 6);
    const runIds = await Promise.all(Array.from({ length: 3 }, (_, index) => postGoal(world, `goal ${index}`)));

    let isOver = false;
    const work = race(world, { plan: wide(30) }, { workers: 4 }).finally(() => (isOver = true));
    const looks: { counted: number; running: number }[] = [];
    while (!isOver) looks.push(await readRoom(world));
    await work;

    expect(looks.filter(({ counted, running }) => counted !== running || running > 6)).toEqual([]);
    expect(Math.max(...looks.map(({ running }) => running))).toBe(6);
    for (const runId of runIds) {
      const { run, facts } = await inspectRun(world, runId);
      expect(run.status).toBe("completed");
      expect(listViolations(facts)).toEqual([]);
    }
    expect(await readRoom(world)).toEqual({ counted: 0, running: 0, most: 6 });
  });

  test("lets what waits begin when it is raised, and no more than that", async () => {
    const world = await openWorld(db, { executorCapacity: 50 });
    await setRoom(world, 2);
    const runId = await reachExecution(world, { plan: wide(8) });
    expect(await readRoom(world)).toMatchObject({ running: 2 });

    await setRoom(world, 5);
    await lookAfter(world, runId, 0);
    expect(await readRoom(world)).toMatchObject({ counted: 5, running: 5 });

    await settleWorld(world, { plan: wide(8) });
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });

  test("lowered below what runs lets that go on, and nothing more begin until as much has ended", async () => {
    const world = await openWorld(db, { executorCapacity: 50 });
    const script: Script = { plan: wide(12) };
    await setRoom(world, 6);
    const runId = await reachExecution(world, script);
    await setRoom(world, 2);
    await lookAfter(world, runId, 0);
    expect(await readRoom(world)).toEqual({ counted: 6, running: 6, most: 2 });

    const seen: number[] = [];
    for (let report = 0; report < 6; report += 1) {
      await processReports(world.deps, await carryOutDue(world, script, 1));
      seen.push((await readRoom(world)).running);
    }
    expect(seen).toEqual([5, 4, 3, 2, 2, 2]);

    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await readRoom(world)).toEqual({ counted: 0, running: 0, most: 2 });
  });

  test("that somebody moves all the time never lets the count be wrong, and every run comes to its end", async () => {
    const world = await openWorld(db, { executorCapacity: 50 });
    const runIds = await Promise.all(Array.from({ length: 3 }, (_, index) => postGoal(world, `goal ${index}`)));

    let isOver = false;
    const work = race(world, { plan: wide(25) }, { workers: 4 }).finally(() => (isOver = true));
    const looks: { counted: number; running: number }[] = [];
    for (let turn = 0; !isOver; turn += 1) {
      await setRoom(world, [1, 40, 3, 10_000, 2][turn % 5] ?? 1);
      looks.push(await readRoom(world));
    }
    await work;
    // A raise is a person's, who asks the conductor to look; here nobody did.
    await setRoom(world, 5);
    for (const runId of runIds) await lookAfter(world, runId, 0);
    await settleWorld(world, { plan: wide(25) });

    expect(looks.filter(({ counted, running }) => counted !== running)).toEqual([]);
    for (const runId of runIds) expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await readRoom(world)).toMatchObject({ counted: 0, running: 0 });
  });

  test("counts what was broken off as ended: by a cancel, and task by task", async () => {
    const world = await openWorld(db, { executorCapacity: 50 });
    await setRoom(world, 4);
    const first = await reachExecution(world, { plan: wide(8) });
    expect(await readRoom(world)).toMatchObject({ counted: 4, running: 4 });
    const { facts } = await inspectRun(world, first);
    const [begun] = facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.task_id] : []));
    await cancelTask(world.deps, actorOf(world), begun ?? "");
    expect(await readRoom(world)).toMatchObject({ counted: 3, running: 3 });
    await drainControl(world);
    expect(await readRoom(world)).toMatchObject({ counted: 4, running: 4 });

    await cancelRun(world.deps, actorOf(world), first);
    expect(await readRoom(world)).toMatchObject({ counted: 0, running: 0 });
  });

  test("that one run has filled lets the task of another agent begin when that run ends one", async () => {
    const world = await openWorld(db, { executorCapacity: 50 });
    await setRoom(world, 1);
    const script: Script = { plan: wide(1) };
    const first = await reachExecution(world, script);
    const held = world.effects.splice(0);
    // Its planner waits, and no watchdog looks.
    const second = await postGoal(world, "another");
    await drainControl(world);
    expect(world.effects).toEqual([]);

    world.effects.push(...held);
    await settleWorld(world, script);

    expect((await inspectRun(world, first)).run.status).toBe("completed");
    expect((await inspectRun(world, second)).run.status).toBe("completed");
  });
});

test("a workspace with a thousand ready tasks does not starve another with five: both share queues and conductors", async () => {
  const crowd = await openWorld(db, { executorCapacity: 1 });
  const other = await openWorld(db);
  // One pair of queues for both: what one workspace sends stands in the way of the other.
  const small: World = { ...other, deps: crowd.deps, control: crowd.control, effects: crowd.effects };
  const large: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    const held = crowd.effects.splice(0);
    large.push(await reachExecution(crowd, { plan: wide(200) }));
    crowd.effects.push(...held);
  }
  await setRoom(crowd, 20);
  await db.transact(actorOf(crowd), (connection) => connection.query("UPDATE agents SET max_concurrent_tasks = 1000"));
  for (const runId of large) await lookAfter(crowd, runId, 0);
  expect(await readRoom(crowd)).toMatchObject({ counted: 20, running: 20 });
  const five = await postGoal(small, "five");

  const script: Script = { plan: wide(5) };
  let carried = 0;
  while ((await inspectRun(small, five)).run.status !== "completed") {
    await drainControl(crowd);
    const reports = await carryOutDue(crowd, script, 10);
    carried += reports.length;
    await processReports(crowd.deps, reports);
  }

  // Each phase of the five stands behind twenty of the others at most, and a little behind what came meanwhile.
  expect(carried).toBeLessThan(200);
  expect((await inspectRun(crowd, large.at(-1) ?? "")).run.status).toBe("running");
}, 120_000);
