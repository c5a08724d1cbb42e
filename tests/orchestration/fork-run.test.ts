import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { ForkRequest } from "../../shared/orchestration/contracts/forks.ts";
import { cancelRun, pauseRun } from "../../shared/orchestration/control/control-run.ts";
import { replayRun } from "../../shared/orchestration/replay/replay-run.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { listTasks } from "../../shared/orchestration/sql/read-tasks.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf, createFiles, finishRun, fork as forkRun, ordinals, preview as previewFork, taskNamed } from "../world/forks.ts";
import { inspectRun, listViolations } from "../world/inspect.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { reachExecution } from "../world/reach-execution.ts";
import { callTools, failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
let world: World;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
  world = await openWorld(db, { prices: pricesOf(100n, 60n) });
});
afterAll(() => close());

const preview = (runId: string, request: ForkRequest) => previewFork(world, runId, request);
const fork = (runId: string, request: ForkRequest, script: Script, files = createFiles()) => forkRun(world, runId, request, script, files);

const diamond: Script = { plan: planOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] }), executor: (call) => succeedWith(call.inputs.length) };

describe("a fork of a run that has ended", () => {
  test("carries out what its preview said, reuses the rest with the same results, and replays", async () => {
    const runId = await finishRun(world, diamond);
    const request = { task_id: await taskNamed(world, runId, "b"), description: "Do b, but better" };
    const said = await preview(runId, request);

    const { forkId, bill, run, facts, executed } = await fork(runId, request, diamond);

    expect(bill).toEqual(said);
    expect({ reused: ordinals(said.reused), rerun: ordinals(said.rerun) }).toEqual({ reused: [1, 3], rerun: [2, 4] });
    expect(executed).toEqual([2, 4]);
    expect(run).toMatchObject({ status: "completed", error: null });
    const results = async (id: string) =>
      (await inspectRun(world, id)).run.tasks.flatMap((task) => (task.ordinal > 0 ? [task.result] : []));
    expect(await results(forkId)).toEqual(await results(runId));
    expect(facts.slice(0, 2).map(({ fact }) => fact)).toMatchObject([
      { type: "run-created" },
      { type: "run-forked", from_run_id: runId, from_task_id: request.task_id },
    ]);
    expect(listViolations(facts)).toEqual([]);
    expect(await replayRun(db, actorOf(world), forkId)).toMatchObject({ outcome: "same", attempts: 4 });
  });

  test("that was planned again has the last plan, with what had completed before it", async () => {
    const script: Script = {
      plan: planOf({ a: [], b: ["a"], c: ["b"] }),
      replan: planOf({ x: ["done-1"], y: ["x"] }),
      executor: (call) =>
        JSON.stringify(call.variables["task"]).includes("Do b") ? failWith("refused: no") : succeedWith(call.inputs.length),
    };
    const runId = uuidv7();
    const goal = { goal: "letters", files: [], model: "local:scripted", limit: 100_000n, replans: 1 };
    await createRun(world.deps, { runId, workspaceId: world.workspaceId, userId: world.workspaceId, ...goal });
    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "completed", replans: [{ cause: "failure" }] });
    const request = { task_id: await taskNamed(world, runId, "y") };
    const said = await preview(runId, request);

    const { run, facts, executed } = await fork(runId, request, script);

    expect({ reused: ordinals(said.reused), rerun: ordinals(said.rerun) }).toEqual({ reused: [1, 4], rerun: [5] });
    expect(executed).toEqual([5]);
    expect(run.tasks.flatMap(({ name, status, depends_on }) => (depends_on.length > 0 ? [[name, status, depends_on]] : []))).toEqual([
      ["Task x", "completed", [1]],
      ["Task y", "completed", [4]],
    ]);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
    const failed = await taskNamed(world, runId, "b");
    await expect(preview(runId, { task_id: failed })).rejects.toMatchObject({ code: "not-found" });
  });

  test("asks the edited task with what was edited, and the others as they were", async () => {
    const runId = await finishRun(world, diamond);
    const asked: unknown[] = [];
    const listening: Script = {
      ...diamond,
      executor: (call) => {
        asked.push([call.model, call.variables["task"]]);
        return succeedWith(1);
      },
    };

    await fork(
      runId,
      { task_id: await taskNamed(world, runId, "d"), description: "Do d at last", model: "offline:offline-rules-v1" },
      listening,
    );

    expect(asked).toEqual([["offline:offline-rules-v1", { ordinal: 4, name: "Task d", description: "Do d at last" }]]);
  });

  test("whose task is given its result hands that to what is downstream", async () => {
    const runId = await finishRun(world, diamond);
    const seen: unknown[] = [];
    const listening: Script = {
      ...diamond,
      executor: (call) => {
        seen.push(call.inputs.map(({ result }) => result));
        return succeedWith(1);
      },
    };

    const { run, executed, facts } = await fork(runId, { task_id: await taskNamed(world, runId, "b"), result: { by: "hand" } }, listening);

    expect({ executed, seen }).toEqual({ executed: [4], seen: [[{ by: "hand" }, 1]] });
    expect(run.status).toBe("completed");
    expect(facts.flatMap(({ fact }) => (fact.type === "task-reused" && fact.given ? [fact.name] : []))).toEqual(["Task b"]);
  });

  test("with nothing left to carry out is reviewed and summarized", async () => {
    const runId = await finishRun(world, diamond);

    const { run, executed } = await fork(runId, { task_id: await taskNamed(world, runId, "d"), result: 7 }, diamond);

    expect({ status: run.status, executed }).toEqual({ status: "completed", executed: [] });
  });

  test("brings the files along, but for those that are written anew", async () => {
    const writing: Script = {
      ...diamond,
      executor: (call) => {
        const { name } = z.object({ name: z.string() }).parse(call.variables["task"]);
        return call.turns.length > 0 ? succeedWith(1) : callTools(["write_file", { path: `${name}.md`, content: "x" }]);
      },
    };
    const runId = await finishRun(world, writing);
    const files = createFiles();
    for (const path of ["given.csv", "Task a.md", "Task b.md"]) files.kept.set(`${runId}/${path}`, new Uint8Array([1]));

    const { forkId, bill } = await fork(runId, { task_id: await taskNamed(world, runId, "b") }, writing, files);

    expect(bill.dropped_files.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(["Task b.md", "Task d.md"]);
    expect((await files.list({ workspaceId: world.workspaceId, runId: forkId })).map(({ path }) => path)).toEqual([
      "given.csv",
      "Task a.md",
    ]);
  });

  test("of one that failed carries out what failed again", async () => {
    const failing: Script = { ...diamond, executor: (call) => (call.inputs.length === 2 ? failWith("impossible: no") : succeedWith(1)) };
    const runId = await finishRun(world, failing);
    expect((await inspectRun(world, runId)).run.status).toBe("failed");

    const { run, executed, bill } = await fork(runId, { task_id: await taskNamed(world, runId, "d") }, diamond);

    expect({ status: run.status, executed, unproven: ordinals(bill.unproven) }).toEqual({
      status: "completed",
      executed: [4],
      unproven: [4],
    });
  });
});

describe("a fork is refused", () => {
  test("of a run that goes on, that has no plan, of a task that is not its own, and with what was never published or priced", async () => {
    const ended = await finishRun(world, diamond);
    const task_id = await taskNamed(world, ended, "a");
    const other = await finishRun(world, diamond);
    const fresh = await postGoal(world, "not planned");
    world.control.splice(0);

    await expect(preview(uuidv7(), { task_id })).rejects.toMatchObject({ code: "not-found" });
    await expect(preview(other, { task_id })).rejects.toMatchObject({ code: "not-found", detail: "The task does not exist" });
    await expect(preview(fresh, { task_id })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("has no plan yet"),
    });
    await expect(preview(ended, { task_id, prompt_version: "v99" })).rejects.toMatchObject({ code: "invalid-request" });
    await expect(preview(ended, { task_id, model: "openai:gpt-unheard-of" })).rejects.toMatchObject({ code: "unpriced-model" });
  });

  test("while the run is under way, and is made when it is paused", async () => {
    const runId = await reachExecution(world, diamond);
    const task_id = await taskNamed(world, runId, "a");
    await expect(preview(runId, { task_id })).rejects.toMatchObject({
      code: "conflict",
      detail: expect.stringContaining("Pause it first"),
    });

    await pauseRun(world.deps, actorOf(world), runId);

    expect(ordinals((await preview(runId, { task_id })).rerun)).toEqual([1, 2, 3, 4]);
    await cancelRun(world.deps, actorOf(world), runId);
    await settleWorld(world, diamond);
  });
});

describe("a fork of a run in which a task was divided", () => {
  const divided: Script = {
    plan: planOf({ a: [], b: ["a"], c: ["b"] }),
    executor: (call) => {
      const { name } = z.object({ name: z.string() }).parse(call.variables["task"]);
      const subtasks = ["x", "y"].map((id) => ({ id, name: `Task ${id}`, description: `Do ${id}` }));
      const isFirst = name === "Task b" && !call.inputs.some((input) => input.name === "Task x");
      return isFirst ? callTools(["propose_subtasks", { subtasks, notes: "noted" }]) : succeedWith(`${name} of ${call.inputs.length}`);
    },
  };
  async function finishDivided(): Promise<string> {
    const runId = uuidv7();
    const goal = { goal: "some letters", files: [], model: "local:scripted", limit: 100_000n, subtaskDepth: 1 };
    await createRun(world.deps, { runId, workspaceId: world.workspaceId, userId: world.workspaceId, ...goal });
    await settleWorld(world, divided);
    return runId;
  }
  const names = (tasks: readonly { kind: string; name: string }[]) =>
    tasks.flatMap(({ kind, name }) => (kind === "executor" ? [name.slice(-1)] : []));

  test.for<[edited: string, executed: number[], tasks: string[]]>([
    ["c", [3], ["a", "b", "c", "x", "y"]],
    ["x", [2, 3, 4], ["a", "b", "c", "x", "y"]],
    // Divided anew, behind the plan as it was forked.
    ["b", [2, 2, 3, 4, 5], ["a", "b", "c", "x", "y"]],
  ])("from %s carries out what is to be done anew, and replays", async ([edited, expected, tasks]) => {
    const runId = await finishDivided();
    const request = { task_id: await taskNamed(world, runId, edited), description: "Do it, but better" };
    const said = await preview(runId, request);
    const { forkId, bill, run, facts, executed } = await fork(runId, request, divided);

    expect(bill).toEqual(said);
    expect({ executed, tasks: names(run.tasks), status: run.status, violations: listViolations(facts) }).toEqual({
      executed: expected,
      tasks,
      status: "completed",
      violations: [],
    });
    expect(run.tasks.find(({ name }) => name === "Task b")?.result).toBe("Task b of 3");
    expect(await replayRun(db, actorOf(world), forkId)).toMatchObject({ outcome: "same" });
  });

  test("shows whose subtasks they are, and tells who goes on what was noted", async () => {
    const runId = await finishDivided();
    const told: string[] = [];
    const script: Script = {
      ...divided,
      executor: (call) => {
        told.push(JSON.stringify(call.variables));
        return divided.executor?.(call) ?? succeedWith("");
      },
    };
    const { forkId } = await fork(runId, { task_id: await taskNamed(world, runId, "x"), result: "given" }, script);
    const divider = await taskNamed(world, forkId, "b");

    const parts = await db.transact(actorOf(world), (connection) =>
      listTasks(connection, { parent_task_id: divider, before: undefined, limit: 10 }),
    );
    expect(parts.map(({ name, status }) => `${name} ${status}`)).toEqual(["Task y completed", "Task x completed"]);
    expect(told.filter((text) => text.includes("results of its subtasks: 4, 5. noted"))).toHaveLength(1);
  });
});
