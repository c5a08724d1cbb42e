import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import type { EffectOutcome } from "../../shared/effects/contract.ts";
import { bindCalls } from "../../shared/orchestration/calls/bind-calls.ts";
import { type CallRequest, createCall } from "../../shared/orchestration/calls/create-call.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun } from "../../shared/orchestration/control/control-run.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { findCall } from "../../shared/orchestration/sql/calls.ts";
import { readFacts } from "../../shared/orchestration/sql/read-events.ts";
import { findRun, listRuns } from "../../shared/orchestration/sql/read-runs.ts";
import { listTasks } from "../../shared/orchestration/sql/read-tasks.ts";
import { takeOver } from "../../shared/orchestration/watchdog/take-over.ts";
import { watchRun } from "../../shared/orchestration/watchdog/watch-run.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { createMemoryCache } from "../../shared/platform/cache/memory-cache.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { openTestDatabase } from "../database.ts";
import { lambdaContext, proxyEvent } from "../proxy-event.ts";
import { openWorld, postGoal, settleWorld, type World } from "../world/open-world.ts";
import { planOf } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  setLogSink(() => undefined);
  ({ database: db, close } = await openTestDatabase());
}, 60_000);
afterAll(() => close());

let world: World;
let actor: { role: "app"; workspaceId: string; userId: string };
beforeEach(async () => {
  world = await openWorld(db);
  actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId };
});

const script = { plan: planOf({ a: [] }) };
const callDeps = () => ({ ...world.deps, defaultModel: "local:scripted" });

async function call(changes: Partial<CallRequest> = {}): Promise<string> {
  const request: CallRequest = {
    runId: uuidv7(),
    workspaceId: world.workspaceId,
    userId: world.workspaceId,
    tool: "read_file",
    arguments: { path: "a.txt" },
    workspaceRunId: undefined,
    writes: false,
    ...changes,
  };
  await createCall(callDeps(), request);
  return request.runId;
}

async function look(runId: string) {
  return db.transact(actor, async (connection) => ({
    run: await findRun(connection, runId),
    call: await findCall(connection, runId),
    facts: (await readFacts(connection, runId, 0)).map(({ fact }) => fact.type),
  }));
}

/** Lets the conductor begin what waits, and claims what it sent. */
async function claimAll() {
  await processControl(world.deps, world.control.splice(0));
  const messages = world.effects.splice(0).map(({ effect_id, try: attempt }) => ({ effect_id, try: attempt }));
  return messages.length === 0 ? [] : claimForHands(world.deps, messages);
}

async function answerAll(outcome: EffectOutcome): Promise<void> {
  const claimed = await claimAll();
  await processReports(
    world.deps,
    claimed.map(({ effect_id, lease_token }) => ({ effect_id, lease_token, outcome })),
  );
}

describe("a call from outside", () => {
  test("is a run of one task and one effect that ends when the tool has answered, and is remembered by nobody", async () => {
    const runId = await call();
    await settleWorld(world, script);

    const { run, facts } = await look(runId);
    expect(run).toMatchObject({ status: "completed", phase: "end", result: { tool: "read_file" }, budget: { limit_usd: null } });
    expect(run?.tasks).toMatchObject([{ kind: "call", id: run?.task_id, status: "completed", agent: "Code Executor", attempts: 1 }]);
    expect(run?.memories).toEqual([]);
    expect(facts).toEqual(["run-created", "task-started", "effect-answered", "task-completed", "run-completed"]);
  });

  test("stands in no list of goals", async () => {
    await call();
    const goal = await postGoal(world, "a goal");

    const { runs, tasks } = await db.transact(actor, async (connection) => ({
      runs: await listRuns(connection, { status: undefined, before: undefined, limit: 10 }),
      tasks: await listTasks(connection, { run_id: undefined, status: undefined, before: undefined, limit: 10 }),
    }));
    expect(runs.map((run) => run.id)).toEqual([goal]);
    expect(tasks.map((task) => task.run_id)).toEqual([goal]);
  });

  test("fails with the tool's error", async () => {
    const runId = await call();
    const error = { code: "not_text", detail: "The file a.txt is not UTF-8 text", retryable: false };
    await answerAll({ status: "failed", error });

    const { run, facts } = await look(runId);
    expect(run).toMatchObject({ status: "failed", phase: "end", error, result: null });
    expect(facts.slice(-2)).toEqual(["task-failed", "run-failed"]);
    expect(world.control).toEqual([]);
  });

  test("hands its tool the workspace of the run that it names, and its own otherwise", async () => {
    const goal = await postGoal(world, "a goal");
    const [own, other] = [await call(), await call({ workspaceRunId: goal })];

    const claimed = (await claimAll()).filter((effect) => effect.kind === "tool");
    expect(claimed.map((effect) => effect.run_id).toSorted()).toEqual([goal, own].toSorted());
    expect([(await look(own)).call?.workspace_run_id, (await look(other)).call?.workspace_run_id]).toEqual([own, goal]);
  });

  test("is made once, also when it is asked for again after the run that it wrote to has ended", async () => {
    const goal = await postGoal(world, "a goal");
    const runId = await call({ tool: "write_file", workspaceRunId: goal, writes: true });
    await settleWorld(world, script);
    await call({ runId, tool: "write_file", workspaceRunId: goal, writes: true });
    await settleWorld(world, script);

    expect((await look(runId)).facts.filter((type) => type === "effect-answered")).toHaveLength(1);
  });

  test("waits for room on its agent", async () => {
    world = await openWorld(db, { executorCapacity: 1 });
    actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId };
    const [first, second] = [await call(), await call()];
    const [claimed, ...others] = await claimAll();
    expect([claimed?.run_id, others]).toEqual([first, []]);
    expect((await look(second)).facts).toEqual(["run-created"]);

    const { effect_id = "", lease_token = "" } = claimed ?? {};
    await processReports(world.deps, [{ effect_id, lease_token, outcome: { status: "done", result: "read" } }]);
    await settleWorld(world, script);
    expect((await look(second)).run?.status).toBe("completed");
  });
});

describe("a call that nobody carries out", () => {
  test("is begun by its watchdog when the word to begin it was lost", async () => {
    const deaf = { ...callDeps(), outbox: { ...world.deps.outbox, sendHint: () => Promise.reject(new Error("no queue")) } };
    const runId = uuidv7();
    const { workspaceId } = world;
    const request = { runId, workspaceId, userId: workspaceId, tool: "read_file", arguments: {}, workspaceRunId: undefined, writes: false };
    await createCall(deaf, request);
    expect(world.control).toEqual([]);
    await watchRun(world.deps, { kind: "watchdog", run_id: runId, seq: 1 });
    await settleWorld(world, script);

    expect((await look(runId)).run?.status).toBe("completed");
  });

  test("is sent again when the process that held it has died, and gets no state machine", async () => {
    const runId = await call();
    expect(await claimAll()).toHaveLength(1);
    const started: string[] = [];
    const outbox = { ...world.deps.outbox, startExecution: async (execution: { run_id: string }) => void started.push(execution.run_id) };
    await takeOver({ ...world.deps, outbox });
    await settleWorld(world, script);

    expect(started).not.toContain(runId);
    expect((await look(runId)).facts).toEqual([
      "run-created",
      "task-started",
      "effect-resent",
      "effect-answered",
      "task-completed",
      "run-completed",
    ]);
  });

  test("is given up when its hour is over", async () => {
    const runId = await call();
    world.clock.now = new Date(Date.now() + 2 * 60 * 60 * 1_000);
    await watchRun(world.deps, { kind: "watchdog", run_id: runId, seq: 1 });

    expect((await look(runId)).run).toMatchObject({ status: "failed", error: { code: "deadline-exceeded" } });
  });

  test("can be cancelled, and then no hand gets it", async () => {
    const runId = await call();
    await processControl(world.deps, world.control.splice(0));
    await cancelRun(world.deps, actor, runId);

    expect(await claimAll()).toEqual([]);
    expect((await look(runId)).run).toMatchObject({ status: "cancelled", tasks: [{ status: "cancelled" }] });
  });
});

describe("the answer to whoever calls", () => {
  const Answered = z.looseObject({ id: z.string().default("") });

  /** Time passes only while somebody sleeps; `meanwhile` is what happens then. */
  function openService(meanwhile: () => Promise<void>) {
    const clock = { now: 0 };
    const now = () => clock.now;
    const sleep = async (milliseconds: number) => {
      clock.now += milliseconds;
      await meanwhile();
    };
    const cache = createMemoryCache(now);
    const follow = { db, openCache: async () => cache, now, sleep, pollEvery: 500 };
    const bindings = bindCalls(
      async () => callDeps(),
      async () => follow,
    );
    const lookups = { name: () => "none", client: () => Promise.reject(new Error("nobody asked for it")) };
    const handler = handleService("tool-runner", bindings, { answerOnce: answerOnce(lookups), now: () => new Date(clock.now) });
    const identity = { workspaceId: world.workspaceId, userId: world.workspaceId, scopes: ["tools:read", "tools:write"] };
    return {
      clock,
      async request(method: string, resource: string, parts: { params?: Record<string, string>; body?: object }) {
        const answer = await handler(proxyEvent(method, resource, { ...parts, identity }), lambdaContext);
        return { ...answer, body: Answered.parse(JSON.parse(answer.body)) };
      },
    };
  }
  const readFile = { body: { path: "a.txt" } };

  test("is what the tool returned, as soon as it has", async () => {
    const service = openService(() => settleWorld(world, script));
    const answer = await service.request("POST", "/v1/tools/read_file", readFile);

    expect(answer).toMatchObject({
      statusCode: 200,
      body: { run_id: answer.body.id, tool: "read_file", status: "completed", output: { tool: "read_file" }, error: null },
    });
    expect(service.clock.now).toBeLessThan(20_000);
  });

  test("comes after twenty seconds in any case, and says where to look", async () => {
    const service = openService(async () => undefined);
    const answer = await service.request("POST", "/v1/tools/read_file", readFile);

    const location = `/v1/tools/executions/${answer.body.id}`;
    expect(answer).toMatchObject({ statusCode: 202, headers: { location }, body: { status: "running", output: null, error: null } });
    expect(service.clock.now).toBe(20_000);

    await settleWorld(world, script);
    const params = { execution_id: answer.body.id };
    expect(await service.request("GET", "/v1/tools/executions/{execution_id}", { params })).toMatchObject({
      statusCode: 200,
      body: { status: "completed", output: { tool: "read_file" } },
    });
  });

  test("tells a call that was cancelled as failed", async () => {
    const runId = await call();
    await cancelRun(world.deps, actor, runId);
    const params = { execution_id: runId };

    expect(await openService(async () => undefined).request("GET", "/v1/tools/executions/{execution_id}", { params })).toMatchObject({
      body: { status: "failed", output: null, error: { code: "cancelled" } },
    });
  });

  test("knows no run of a goal as an execution", async () => {
    const params = { execution_id: await postGoal(world, "a goal") };

    expect(await openService(async () => undefined).request("GET", "/v1/tools/executions/{execution_id}", { params })).toMatchObject({
      statusCode: 404,
    });
  });
});
