import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LlmCall } from "../../shared/llm/contract.ts";
import type { TaskChange } from "../../shared/orchestration/contracts/tasks.ts";
import { cancelRun } from "../../shared/orchestration/control/control-run.ts";
import { updateTask } from "../../shared/orchestration/control/update-task.ts";
import { registerAgent } from "../../shared/orchestration/pool/register-agent.ts";
import { findTask } from "../../shared/orchestration/sql/read-tasks.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf, taskNamed } from "../world/forks.ts";
import { inspectRun } from "../world/inspect.ts";
import { openWorld, settleWorld, type World } from "../world/open-world.ts";
import { reachExecution } from "../world/reach-execution.ts";
import { planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let world: World;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openTestDatabase();
  ({ close } = opened);
  world = await openWorld(opened.database);
});
afterAll(() => close());

/** What each executor was told to do. */
const told: string[] = [];
const script: Script = {
  plan: planOf({ a: [], b: ["a"], c: ["b"] }),
  executor(call) {
    told.push(JSON.stringify(LlmCall.parse(call).variables["task"]));
    return succeedWith("done");
  },
};
const change = (taskId: string, fields: TaskChange) => updateTask(world.deps, actorOf(world), taskId, fields);
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => {
      if (error instanceof AppError) return error.code;
      throw error;
    },
  );
const read = (taskId: string) => world.deps.db.transact(actorOf(world), (db) => findTask(db, taskId));

describe("a task that has not begun", () => {
  test("is carried out as it was changed, and the log says who changed what", async () => {
    told.length = 0;
    const runId = await reachExecution(world, script);
    const taskId = await taskNamed(world, runId, "b");

    const changed = await change(taskId, {
      name: "Another",
      description: "Do something else",
      complexity: "high",
      estimated_duration_seconds: 7,
      policy: { timeout_seconds: 60 },
    });
    await settleWorld(world, script);

    expect(changed).toMatchObject({ name: "Another", complexity: "high", estimated_duration_seconds: 7, policy: { timeout_seconds: 60 } });
    expect(told.filter((text) => text.includes("Do something else"))).toHaveLength(1);
    expect(told.filter((text) => text.includes("Do b"))).toEqual([]);
    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    expect(facts.map(({ fact }) => fact)).toContainEqual({
      type: "task-updated",
      task_id: taskId,
      ordinal: 2,
      name: "Another",
      fields: ["complexity", "description", "estimated_duration_seconds", "name", "policy"],
      by: world.workspaceId,
    });
  });

  test("may be given to another agent that can do it, and is given to one by itself when its own no longer can", async () => {
    const runId = await reachExecution(world, script);
    const taskId = await taskNamed(world, runId, "c");
    const settings = {
      role: "custom" as const,
      max_concurrent_tasks: 1,
      prompt_version: "v1",
      model: "default" as const,
      temperature: null,
    };
    const identity = { workspaceId: world.workspaceId, userId: world.workspaceId, scopes: [] };
    const agentId = uuidv7();
    await world.deps.db.transact(actorOf(world), (db) =>
      db.query("UPDATE agents SET capabilities = '{read_file}' WHERE role = 'executor'", []),
    );
    process.env["DEFAULT_MODEL"] = "offline:offline-rules-v1";
    await registerAgent(world.deps, identity, agentId, { ...settings, name: "writer", capabilities: ["write_file"], max_tokens: 100 });

    expect(await codeOf(change(taskId, { required_capabilities: ["execute_javascript"] }))).toBe("invalid-request");
    expect(await codeOf(change(taskId, { required_capabilities: ["read_file"], agent_id: agentId }))).toBe("invalid-request");
    expect((await change(taskId, { required_capabilities: ["write_file"] })).agent_id).toBe(agentId);
    expect((await change(taskId, { required_capabilities: ["read_file"] })).agent_id).not.toBe(agentId);
    expect(await codeOf(change(taskId, { agent_id: uuidv7() }))).toBe("not-found");
    await cancelRun(world.deps, actorOf(world), runId);
  });

  test("asks for a person, or no longer does, whatever its policy says", async () => {
    const runId = await reachExecution(world, script);
    const taskId = await taskNamed(world, runId, "c");

    await change(taskId, { policy: { requires_approval: true, timeout_seconds: 5 } });
    const changed = await change(taskId, { requires_approval: false });

    expect(changed).toMatchObject({ requires_approval: false, policy: { timeout_seconds: 5 } });
    expect((await change(taskId, { requires_approval: true })).requires_approval).toBe(true);
    await cancelRun(world.deps, actorOf(world), runId);
  });

  test("stays as it is when nothing is asked of it, or something absurd", async () => {
    const runId = await reachExecution(world, script);
    const taskId = await taskNamed(world, runId, "c");
    const { facts, run } = await inspectRun(world, runId);
    const before = await read(taskId);

    await change(taskId, {});
    expect(await codeOf(change(taskId, { required_capabilities: ["fly"] }))).toBe("invalid-request");
    expect(await codeOf(change(taskId, { policy: { acceptance: [{ kind: "regex", pattern: "(" }] } }))).toBe("invalid-request");

    expect(await read(taskId)).toEqual(before);
    expect((await inspectRun(world, runId)).facts).toHaveLength(facts.length);
    expect(run.status).toBe("running");
    await cancelRun(world.deps, actorOf(world), runId);
  });
});

describe("a task no longer changes", () => {
  test("when it has begun, when its run has ended, or when it is no task of a plan", async () => {
    const runId = await reachExecution(world, script);
    const { run } = await inspectRun(world, runId);
    const planner = run.tasks.find((task) => task.kind === "planner")?.id ?? "";
    const begun = await taskNamed(world, runId, "a");
    const waiting = await taskNamed(world, runId, "c");
    const before = await read(begun);

    expect(await codeOf(change(begun, { name: "x" }))).toBe("task-started");
    expect(await codeOf(change(planner, { name: "x" }))).toBe("conflict");
    expect(await codeOf(change(run.task_id, { name: "x" }))).toBe("conflict");
    expect(await codeOf(change(uuidv7(), { name: "x" }))).toBe("not-found");
    expect(await read(begun)).toEqual(before);
    await cancelRun(world.deps, actorOf(world), runId);
    expect(await codeOf(change(waiting, { name: "x" }))).toBe("run-ended");
  });
});
