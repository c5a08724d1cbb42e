import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TaskPolicy } from "../../shared/agents/contracts/task-policy.ts";
import type { EffectOutcome } from "../../shared/effects/contract.ts";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import type { Fact } from "../../shared/orchestration/domain/events.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import type { JsonValue } from "../../shared/platform/json.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(6);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

/** Task a under a policy, and b, which waits for it. `answers` are what a's attempts say, one after the other; the last one again and again. */
function scriptOf(policy: TaskPolicy, ...answers: readonly ((call: LlmCall) => EffectOutcome)[]): Script & { calls: LlmCall[] } {
  const plan = planOf({ a: [], b: ["a"] });
  const calls: LlmCall[] = [];
  return {
    plan: { ...plan, tasks: plan.tasks.map((task) => (task.id === "a" ? { ...task, policy } : task)) },
    calls,
    executor: (call) => {
      if (taskOf(call)["name"] !== "Task a") return succeedWith({ inputs: call.inputs.map((input) => input.result) });
      calls.push(call);
      return (answers[calls.length - 1] ?? answers.at(-1))?.(call) ?? succeedWith("a");
    },
  };
}
const taskOf = (call: LlmCall): Record<string, JsonValue> => {
  const { task } = call.variables;
  return typeof task === "object" && task !== null && !Array.isArray(task) ? task : {};
};
const brokenOff = (): EffectOutcome => ({ status: "failed", error: { code: "provider-unavailable", detail: "down", retryable: true } });
const answer = (result: JsonValue) => () => succeedWith(result);

async function run(script: Script, options: Parameters<typeof openWorld>[1] = {}): Promise<{ world: World; runId: string }> {
  const world = await openWorld(db, options);
  const runId = await postGoal(world, "a goal");
  await settleWorld(world, script);
  return { world, runId };
}

async function factsOf(world: World, runId: string): Promise<Fact[]> {
  const { facts } = await inspectRun(world, runId);
  expect(listViolations(facts)).toEqual([]);
  return facts.map(({ fact }) => fact);
}
const typesOf = (facts: readonly Fact[]) => facts.map((fact) => fact.type).filter((type) => /^(?:task|run|check)-/.test(type));
const statusOf = async (world: World, runId: string) => (await inspectRun(world, runId)).run.status;

describe("a task that is tried again after a while", () => {
  const policy: TaskPolicy = { retry: { max_attempts: 3, backoff_seconds: 30 } };

  test("does not begin before, whoever looks, and begins when the conductor is told that its time has come", async () => {
    const script = scriptOf(policy, brokenOff, answer("done"));
    const { world, runId } = await run(script);

    expect(world.delayed).toEqual([{ run_id: runId, seconds: 30 }]);
    await lookAfter(world, runId, 29);
    await settleWorld(world, script);
    expect(script.calls).toHaveLength(1);
    await lookAfter(world, runId, 1);
    await settleWorld(world, script);
    expect(script.calls).toHaveLength(2);
    expect(await statusOf(world, runId)).toBe("completed");
    const retried = (await factsOf(world, runId)).find((fact) => fact.type === "task-retried");
    expect(retried).toMatchObject({ attempt: 1, error: { code: "provider-unavailable" }, not_before: expect.any(String) });
  });

  test("is begun by the watchdog alone when that message is lost: it looks when the time has come", async () => {
    const script = scriptOf(policy, brokenOff, answer("done"));
    const { world, runId } = await run(script);
    const delays: number[] = [];
    const deps = {
      ...world.deps,
      outbox: { ...world.deps.outbox, sendWatchdog: async (_: unknown, delay: number) => void delays.push(delay) },
    };

    await processControl(deps, [{ kind: "watchdog", run_id: runId, seq: 1 }]);
    world.clock.now = new Date(world.clock.now.getTime() + 30_000);
    await processControl(deps, [{ kind: "watchdog", run_id: runId, seq: 2 }]);
    await settleWorld(world, script);

    expect(delays).toEqual([30, 60]);
    expect(await statusOf(world, runId)).toBe("completed");
  });

  test("is given up when its policy says that enough is enough, or that this is the end", async () => {
    const often = scriptOf({ retry: { max_attempts: 4 } }, brokenOff);
    const { world, runId } = await run(often);
    expect(often.calls).toHaveLength(4);
    expect(await statusOf(world, runId)).toBe("failed");

    const once = scriptOf({ retry: { max_attempts: 4, terminal_codes: ["provider-unavailable"] } }, brokenOff);
    await run(once);
    expect(once.calls).toHaveLength(1);

    const told = scriptOf({ retry: { retryable_codes: ["unlucky"] } }, () => failWith("unlucky: no luck"), answer("done"));
    await run(told);
    expect(told.calls).toHaveLength(2);
  });
});

describe("a task whose attempts are used up", () => {
  const retry = { max_attempts: 1 };

  test("is tried with another model", async () => {
    const script = scriptOf({ retry, fallback: { kind: "model", model: "local:other" } }, brokenOff, answer("done"));
    const { world, runId } = await run(script);

    expect(script.calls.map((call) => call.model)).toEqual(["local:scripted", "local:other"]);
    expect(await statusOf(world, runId)).toBe("completed");
    expect(await factsOf(world, runId)).toContainEqual(expect.objectContaining({ type: "task-retried", fallback: "model" }));
  });

  test("fails when its fallback fails too, without another", async () => {
    const script = scriptOf({ retry: { max_attempts: 2 }, fallback: { kind: "model", model: "local:other" } }, brokenOff);
    const { world, runId } = await run(script);

    expect(script.calls).toHaveLength(3);
    expect(await statusOf(world, runId)).toBe("failed");
  });

  test("is done as another task, whose result those that wait for it are given", async () => {
    const script = scriptOf({ retry, fallback: { kind: "task", description: "Do it by hand" } }, brokenOff, answer("by hand"));
    const { world, runId } = await run(script);

    expect(script.calls.map((call) => taskOf(call)["description"])).toEqual(["Do a", "Do it by hand"]);
    expect(await statusOf(world, runId)).toBe("completed");
    expect(await resultOf(world, runId, 2)).toEqual({ inputs: ["by hand"] });
  });

  test("is tried by another agent that can do the same", async () => {
    const world = await openWorld(db);
    const other = await addExecutor(world, "second executor");
    const script = scriptOf({ retry, fallback: { kind: "agent" } }, brokenOff, answer("done"));
    const runId = await postGoal(world, "a goal");
    await settleWorld(world, script);

    const started = (await factsOf(world, runId)).filter((fact) => fact.type === "task-started" && fact.ordinal === 1);
    expect(new Set(started.map((fact) => (fact.type === "task-started" ? fact.agent : "")))).toHaveProperty("size", 2);
    expect(await statusOf(world, runId)).toBe("completed");
    expect(other).toBeDefined();
    expect(await readLoads(world)).toEqual([]);
  });

  test("fails when there is no other agent, and says so", async () => {
    const { world, runId } = await run(scriptOf({ retry, fallback: { kind: "agent" } }, brokenOff));

    expect(await statusOf(world, runId)).toBe("failed");
    const failure = (await factsOf(world, runId)).find((fact) => fact.type === "task-failed");
    expect(failure).toMatchObject({ error: { code: "provider-unavailable", detail: expect.stringContaining("no other agent") } });
  });

  test("is skipped: those that wait for it go on with null in its place", async () => {
    const { world, runId } = await run(scriptOf({ retry, fallback: { kind: "skip" } }, brokenOff));

    const facts = await factsOf(world, runId);
    expect(await statusOf(world, runId)).toBe("completed");
    expect(facts).toContainEqual(
      expect.objectContaining({ type: "task-skipped", ordinal: 1, error: expect.objectContaining({ code: "provider-unavailable" }) }),
    );
    expect(typesOf(facts)).not.toContain("task-failed");
    expect(await resultOf(world, runId, 2)).toEqual({ inputs: [null] });
    expect(await readLoads(world)).toEqual([]);
  });
});

describe("an attempt whose time is up", () => {
  const policy: TaskPolicy = { timeout_seconds: 20 };
  const script = scriptOf(policy, answer("done"));

  test("is tried again; its answer comes late, is paid for and changes nothing", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
    const runId = await reachExecution(world, script, 10_000n);
    const [slow] = await claimWaiting(world);
    expect(world.delayed).toContainEqual({ run_id: runId, seconds: 20 });

    await lookAfter(world, runId, 19);
    expect(world.effects).toEqual([]);
    await lookAfter(world, runId, 1);
    expect(world.effects).toHaveLength(1);
    const late = { effect_id: slow?.effect_id ?? "", lease_token: slow?.lease_token ?? "", outcome: succeedWith("too late") };
    expect((await processReports(world.deps, [late])).map(({ verdict }) => verdict)).toEqual(["late"]);
    await settleWorld(world, script);

    expect(await statusOf(world, runId)).toBe("completed");
    expect(await factsOf(world, runId)).toContainEqual(
      expect.objectContaining({
        type: "task-retried",
        error: { code: "timeout", detail: "Attempt 1 did not end within 20 seconds", retryable: true },
      }),
    );
    expect(await resultOf(world, runId, 1)).toBe("done");
    const books = await readBooks(world, runId);
    expect({ held: books.held, spent: books.spent }).toEqual({ held: 0n, spent: books.settled });
    // Planner, the late call, its second try, b, critic, summarizer.
    expect(books.spent).toBe(360n);
  });

  test("loses what nobody has claimed, with its hold, and what is lost later is not sent again", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
    const runId = await reachExecution(world, scriptOf({ ...policy, retry: { max_attempts: 1 } }), 10_000n);
    await lookAfter(world, runId, 20);

    expect(await countEffects(world, runId)).toEqual({ cancelled: 1, done: 2 });
    expect((await readBooks(world, runId)).held).toBe(0n);

    const second = await openWorld(db, { prices: pricesOf(100n, 60n) });
    const secondId = await reachExecution(second, scriptOf({ ...policy, retry: { max_attempts: 1 }, fallback: { kind: "skip" } }), 10_000n);
    await claimWaiting(second);
    await lookAfter(second, secondId, 20);
    await lookAfter(second, secondId, 90);
    expect(await countEffects(second, secondId)).toMatchObject({ cancelled: 1 });
    expect(second.effects.filter((effect) => effect.try > 1)).toEqual([]);
  });

  test("is not tried again when something may have happened that must not happen twice", async () => {
    const world = await openWorld(db);
    const runId = await reachExecution(world, scriptOf({ ...policy, fallback: { kind: "model", model: "local:other" } }));
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE effects SET safety = 'once' WHERE run_id = $1 AND state = 'due'", [runId]),
    );
    await claimWaiting(world);
    await lookAfter(world, runId, 20);

    expect(typesOf(await factsOf(world, runId))).toContain("task-failed");
    expect(typesOf(await factsOf(world, runId))).not.toContain("task-retried");
  });

  test("does not grow older while its run is paused", async () => {
    const world = await openWorld(db);
    const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
    const runId = await reachExecution(world, script);
    world.clock.now = new Date(world.clock.now.getTime() + 15_000);
    await pauseRun(world.deps, actor, runId);
    await lookAfter(world, runId, 3_600);
    await resumeRun(world.deps, actor, runId, undefined);
    await lookAfter(world, runId, 4);
    expect(typesOf(await factsOf(world, runId))).not.toContain("task-retried");
    await lookAfter(world, runId, 1);
    expect(typesOf(await factsOf(world, runId))).toContain("task-retried");
  });

  test("ends once, whoever comes first: the watchdog, the delayed message and the answer, all at once", async () => {
    const ends = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
        const runId = await reachExecution(world, script, 10_000n);
        const [effect] = await claimWaiting(world);
        world.clock.now = new Date(world.clock.now.getTime() + 20_000);
        const report = { effect_id: effect?.effect_id ?? "", lease_token: effect?.lease_token ?? "", outcome: succeedWith("done") };
        await Promise.all([
          processControl(world.deps, [{ kind: "hint", run_id: runId }]),
          processControl(world.deps, [{ kind: "watchdog", run_id: runId, seq: 1 }]),
          processReports(world.deps, [report]),
          processControl(world.deps, [{ kind: "hint", run_id: runId }]),
        ]);
        await settleWorld(world, script);
        const facts = await factsOf(world, runId);
        const books = await readBooks(world, runId);
        expect(books).toMatchObject({ held: 0n, reserved: 0n });
        expect(books.spent).toBe(books.billed + books.lost);
        expect(facts.filter((fact) => fact.type === "task-completed" && fact.ordinal === 1)).toHaveLength(1);
        expect(await readLoads(world)).toEqual([]);
        expect(await statusOf(world, runId)).toBe("completed");
        return facts.some((fact) => fact.type === "task-retried") ? "timed out" : "answered";
      }),
    );
    expect(ends).toHaveLength(12);
  });
});

describe("a result", () => {
  const sum: TaskPolicy["acceptance"] = [
    { kind: "json_schema", schema: { type: "object", properties: { total: { type: "number" } }, required: ["total"] } },
    { kind: "comparison", path: "/total", operator: "equals", value: 42 },
    { kind: "regex", path: "/unit", pattern: "^(EUR|USD)$" },
  ];

  test("that does not pass its checks does not count; the next attempt is told why", async () => {
    const script = scriptOf({ acceptance: sum }, answer({ total: 41, unit: "EUR" }), answer({ total: 42, unit: "EUR" }));
    const { world, runId } = await run(script);

    expect(await statusOf(world, runId)).toBe("completed");
    expect(taskOf(script.calls[1] as LlmCall)["description"]).toBe(
      "Do a\n\nAn earlier result was not accepted:\n- comparison: /total is 41; expected: equals 42",
    );
    expect(await resultOf(world, runId, 1)).toEqual({ total: 42, unit: "EUR" });
    expect((await factsOf(world, runId)).filter((fact) => fact.type === "check-failed")).toMatchObject([
      { attempt: 1, position: 1, kind: "comparison" },
    ]);
    expect(await outcomesOf(world, runId)).toEqual(["1/0 passed", "1/1 failed", "1/2 passed", "2/0 passed", "2/1 passed", "2/2 passed"]);
  });

  test("that is wrong gets through never", async () => {
    const wrong: JsonValue[] = [
      null,
      42,
      "42",
      [],
      {},
      { total: "42", unit: "EUR" },
      { total: 42 },
      { total: 42, unit: "EURO" },
      { total: 42.1, unit: "USD" },
      { total: [42], unit: "EUR" },
    ];
    for (const result of wrong) {
      const { world, runId } = await run(scriptOf({ acceptance: sum, retry: { max_attempts: 1 } }, answer(result)));
      const facts = await factsOf(world, runId);
      expect(facts.filter((fact) => fact.type === "task-completed" && fact.ordinal === 1)).toEqual([]);
      expect(facts).toContainEqual(
        expect.objectContaining({ type: "task-failed", error: expect.objectContaining({ code: "acceptance-failed" }) }),
      );
    }
  }, 60_000);
});

async function resultOf(world: World, runId: string, ordinal: number): Promise<JsonValue> {
  const rows = await query(
    world,
    "SELECT p.body FROM tasks t LEFT JOIN payloads p ON p.id = t.result_payload_id WHERE t.run_id = $1 AND t.ordinal = $2 AND t.kind = 'executor'",
    [runId, ordinal],
  );
  return (rows[0]?.["body"] ?? null) as JsonValue;
}

async function outcomesOf(world: World, runId: string): Promise<string[]> {
  const rows = await query(
    world,
    "SELECT a.number || '/' || c.position || CASE WHEN passed THEN ' passed' ELSE ' failed' END AS outcome FROM check_outcomes c JOIN task_attempts a ON a.id = c.attempt_id WHERE c.run_id = $1 ORDER BY 1",
    [runId],
  );
  return rows.map((row) => String(row["outcome"]));
}

async function addExecutor(world: World, name: string): Promise<string> {
  const id = uuidv7();
  await query(
    world,
    `INSERT INTO agents (id, workspace_id, name, role, capabilities, model, temperature, max_tokens, prompt_version, max_concurrent_tasks)
     SELECT $1, workspace_id, $2, role, capabilities, model, temperature, max_tokens, prompt_version, max_concurrent_tasks
     FROM agents WHERE workspace_id = $3 AND role = 'executor' LIMIT 1`,
    [id, name, world.workspaceId],
  );
  return id;
}

async function query(world: World, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  return db.transact(actor, async (connection) => (await connection.query(text, values)).rows as Record<string, unknown>[]);
}
