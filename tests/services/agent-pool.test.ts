import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import type { NewAgent } from "../../shared/orchestration/contracts/agents.ts";
import { viewAgent } from "../../shared/orchestration/pool/view-agent.ts";
import { listAgents } from "../../shared/orchestration/sql/agents.ts";
import { insertAgent, updateAgent } from "../../shared/orchestration/sql/write-agents.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { inspectRun, listViolations, readLoads } from "../world/inspect.ts";
import { carryOutDue, openWorld, postGoal, settleWorld, type World } from "../world/open-world.ts";
import { drainControl, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { answerText, planOf, type Script, type ScriptedExecutor, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;
const wide = (size: number) => planOf(Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, []])));

const EXECUTOR: NewAgent = {
  name: "executor",
  role: "executor",
  capabilities: [],
  max_concurrent_tasks: 1,
  prompt_version: "v1",
  model: "default",
  temperature: null,
  max_tokens: 1_000,
};

/** Another executor; its id is made now, so it comes after the workspace's own among equals. */
async function addExecutor(world: World, name: string, changes: { max_concurrent_tasks?: number } = {}): Promise<string> {
  const id = uuidv7();
  const agent = { ...EXECUTOR, name, max_concurrent_tasks: 10 };
  await db.transact(actorOf(world), (connection) => insertAgent(connection, { ...agent, id, workspaceId: world.workspaceId, ...changes }));
  return id;
}

async function agentsOf(world: World) {
  const records = await db.transact(actorOf(world), (connection) => listAgents(connection, { role: undefined, capability: undefined }));
  return records.map((record) => viewAgent(record, world.clock.now));
}

async function executorOf(world: World) {
  const agent = (await agentsOf(world)).find(({ name }) => name === "Code Executor");
  if (agent === undefined) throw new Error("there is no executor");
  return agent;
}

const retire = (world: World, agentId: string) =>
  db.transact(actorOf(world), (connection) => updateAgent(connection, agentId, { status: "offline" }));

/** The names of the agents that began the tasks of a run, in the order of its log. */
async function starters(world: World, runId: string): Promise<string[]> {
  const { facts } = await inspectRun(world, runId);
  return facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.agent] : []));
}

describe("a retired agent", () => {
  test("finishes what it has begun, is given no more, and what waited for it goes to another", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const script: Script = { plan: wide(3) };
    const runId = await reachExecution(world, script);
    const { id } = await executorOf(world);
    await addExecutor(world, "Second", { max_concurrent_tasks: 5 });

    await retire(world, id);
    expect(await executorOf(world)).toMatchObject({ status: "busy", accepts_tasks: false, current_task_count: 1 });
    await lookAfter(world, runId, 0);
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await starters(world, runId)).toEqual(["Code Executor", "Second", "Second"]);
    expect(await executorOf(world)).toMatchObject({ status: "offline", accepts_tasks: false, current_task_count: 0 });
    expect(await readLoads(world)).toEqual([]);
  });

  test("leaves nobody: what waits fails with the reason, with all that depends on it, and the run ends", async () => {
    const world = await openWorld(db, { executorCapacity: 1 });
    const script: Script = { plan: planOf({ a: [], b: ["a"], c: ["b"] }) };
    const runId = await reachExecution(world, script);

    await retire(world, (await executorOf(world)).id);
    await settleWorld(world, script);

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "failed", error: { code: "no-agent" } });
    expect(
      facts.flatMap(({ fact }) => (fact.type === "task-completed" || fact.type === "task-failed" ? [[fact.type, fact.name]] : [])),
    ).toEqual([
      ["task-completed", "Plan the goal"],
      ["task-completed", "Task a"],
      ["task-failed", "Task b"],
    ]);
    expect(facts.some(({ fact }) => fact.type === "task-cancelled" && fact.name === "Task c")).toBe(true);
    expect(listViolations(facts)).toEqual([]);
  });
});

test("tasks that wait for a full agent go to one that is added, as far as it has room", async () => {
  const world = await openWorld(db, { executorCapacity: 1 });
  const script: Script = { plan: wide(4) };
  const runId = await reachExecution(world, script);
  await addExecutor(world, "Second", { max_concurrent_tasks: 2 });

  await lookAfter(world, runId, 0);

  expect(await starters(world, runId)).toEqual(["Code Executor", "Second", "Second"]);
  await settleWorld(world, script);
  expect((await inspectRun(world, runId)).run.status).toBe("completed");
});

/** Each call that the first agent makes meets a provider that is down; it is known by its own limit of tokens. */
const downFor =
  (maxTokens: number): ScriptedExecutor =>
  (call) =>
    call.max_output_tokens === maxTokens
      ? { status: "failed", error: { code: "provider-unavailable", detail: "down", retryable: true } }
      : succeedWith("done");

test("a task that failed by its agent's fault is retried by another", async () => {
  const world = await openWorld(db);
  await addExecutor(world, "Second", { max_concurrent_tasks: 1 });
  const runId = await reachExecution(world, { plan: wide(1) });
  await settleWorld(world, { plan: wide(1), executor: downFor(8_000) });

  expect(await starters(world, runId)).toEqual(["Code Executor", "Second"]);
  expect((await inspectRun(world, runId)).run.status).toBe("completed");
});

describe("an agent that fails again and again", () => {
  /** Runs of one task each, one after the other: each failure is an incident of its own. */
  async function failRuns(world: World, times: number): Promise<void> {
    const script: Script = { plan: wide(1), executor: downFor(8_000) };
    for (let index = 0; index < times; index += 1) {
      world.clock.now = new Date(world.clock.now.getTime() + 1_000);
      await reachExecution(world, script);
      for (let step = 0; step < 2; step += 1) {
        world.clock.now = new Date(world.clock.now.getTime() + 1_000);
        await processReports(world.deps, await carryOutDue(world, script, world.effects.length));
      }
      await drainControl(world);
    }
  }

  test("is given nothing for a while, then one task, and everything again once that succeeded", async () => {
    const world = await openWorld(db, { executorCapacity: 3 });
    await failRuns(world, 3);
    expect(await executorOf(world)).toMatchObject({ status: "error", accepts_tasks: false });

    const script: Script = { plan: wide(5) };
    const runId = await reachExecution(world, script);
    expect(await starters(world, runId)).toEqual([]);

    await lookAfter(world, runId, 60);
    expect(await starters(world, runId)).toHaveLength(1);

    await processReports(world.deps, await carryOutDue(world, script, world.effects.length));
    expect(await executorOf(world)).toMatchObject({ status: "busy", accepts_tasks: true });
    // The task of the third run, which failed there, has waited longer.
    expect(await starters(world, runId)).toHaveLength(3);
    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });

  test("is told to those who wait, once for each cool-down, with the reason and until when; then they are looked at", async () => {
    const world = await openWorld(db);
    const until = new Date(world.clock.now.getTime() + 10_000).toISOString();
    const lastFailure = { code: "provider-unavailable", at: world.clock.now.toISOString() };
    await db.transact(actorOf(world), (connection) =>
      connection.query("UPDATE agents SET consecutive_failures = 5, cool_down_until = $1, last_failure = $2 WHERE role = 'planner'", [
        until,
        JSON.stringify(lastFailure),
      ]),
    );
    const toldOf = async (runId: string) => {
      const { facts } = await inspectRun(world, runId);
      return facts.flatMap(({ fact }) => (fact.type === "agent-cooling-down" ? [fact] : []));
    };

    const runId = await postGoal(world, "a goal");
    await drainControl(world);
    for (let look = 0; look < 3; look += 1) await lookAfter(world, runId, 1);

    expect(await toldOf(runId)).toEqual([
      { type: "agent-cooling-down", agent_id: expect.any(String), agent: "Primary Planner", code: "provider-unavailable", until },
    ]);
    expect(world.delayed.filter(({ run_id }) => run_id === runId)).toEqual([{ run_id: runId, seconds: 10 }]);

    await lookAfter(world, runId, 8);
    await settleWorld(world, { plan: wide(1) });
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await toldOf(runId)).toHaveLength(1);
  });

  test("costs the tasks of others nothing: they go to another agent", async () => {
    const world = await openWorld(db);
    await failRuns(world, 3);
    await addExecutor(world, "Second");
    const script: Script = { plan: wide(3) };
    const runId = await reachExecution(world, script);
    await settleWorld(world, script);

    expect(await starters(world, runId)).toEqual(["Second", "Second", "Second"]);
  });

  test("because its hands are lost is one too: each lost lease is an incident", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, { plan: wide(1) });
    for (let loss = 0; loss < 5; loss += 1) {
      await carryOutDue(world, { plan: wide(1) }, world.effects.length);
      await lookAfter(world, runId, 100);
    }

    expect(await executorOf(world)).toMatchObject({ status: "error", accepts_tasks: false });
    await settleWorld(world, { plan: wide(1) });
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await executorOf(world)).toMatchObject({ status: "idle", accepts_tasks: true });
  });
});

test("an agent's word that it failed at a task is the task's failure, not the agent's", async () => {
  const world = await openWorld(db);
  for (let index = 0; index < 6; index += 1) {
    world.clock.now = new Date(world.clock.now.getTime() + 1_000);
    await reachExecution(world, { plan: wide(1) });
    await settleWorld(world, {
      plan: wide(1),
      executor: () =>
        answerText(JSON.stringify({ status: "failure", output: { result: null, details: "" }, error: "task-failed: no" }), {}),
    });
  }

  expect(await executorOf(world)).toMatchObject({ status: "idle", accepts_tasks: true });
});

test("who adds agents waits for the others who do: a pool has a hundred at most", async () => {
  const world = await openWorld(db);
  const { registerAgent } = await import("../../shared/orchestration/pool/register-agent.ts");
  process.env["DEFAULT_MODEL"] ??= "offline:offline-rules-v1";
  const identity = { workspaceId: world.workspaceId, userId: world.workspaceId, scopes: [] };

  const answers = await Promise.allSettled(
    Array.from({ length: 110 }, (_, index) => registerAgent(world.deps, identity, uuidv7(), { ...EXECUTOR, name: `agent ${index}` })),
  );

  // Four were there.
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(96);
  const refused = answers.flatMap((answer) =>
    answer.status === "rejected" ? [z.object({ code: z.string() }).parse(answer.reason).code] : [],
  );
  expect(new Set(refused)).toEqual(new Set(["conflict"]));
});
