import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decideInboxItem } from "../../shared/orchestration/approvals/decide-inbox-item.ts";
import { upsertApprovalSettings } from "../../shared/orchestration/approvals/sql/approval-settings.ts";
import { type ItemView, listItems } from "../../shared/orchestration/approvals/sql/read-items.ts";
import { setWorkspaceLimit } from "../../shared/orchestration/budgets/set-limit.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { draftPayload } from "../../shared/orchestration/decide/draft.ts";
import type { Decision } from "../../shared/orchestration/domain/inbox/decide-item.ts";
import { readWatch } from "../../shared/orchestration/sql/lock-run.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { claimWaiting, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { callToolThenSucceed, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(8);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;
const list = (world: World, state = "open"): Promise<ItemView[]> =>
  db.transact(actorOf(world), (connection) =>
    listItems(connection, { state, kind: undefined, runId: undefined, before: undefined, limit: 10 }),
  );
async function theItem(world: World): Promise<ItemView> {
  const [item, another] = await list(world);
  if (item === undefined || another !== undefined)
    throw new Error(`there is not one open item, but ${another === undefined ? "none" : "more"}`);
  return item;
}
const decide = (world: World, item: ItemView, decision: Decision) => decideInboxItem(world.deps, actorOf(world), item.id, decision);
const approve = (world: World, item: ItemView, sha256 = item.request_sha256 ?? "") =>
  decide(world, item, { verb: "approve", request_sha256: sha256 });
const typesOf = async (world: World, runId: string) => (await inspectRun(world, runId)).facts.map(({ fact }) => fact.type);
const sleepsUntil = async (world: World, runId: string) =>
  (await db.transact({ role: "engine" }, (connection) => readWatch(connection, runId, world.clock.now)))?.sleeps_until;

describe("a run that no budget covers", () => {
  const wide = (size: number): Script => ({
    plan: planOf(Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, []]))),
  });

  async function exhaust(limit = 500n) {
    const world = await openWorld(db, { prices: pricesOf(100n, 100n), executorCapacity: 50 });
    const runId = await postGoal(world, "too dear", limit);
    await race(world, wide(10), { workers: 2 });
    return { world, runId, item: await theItem(world) };
  }

  test("asks once, saying which budget lacks what", async () => {
    const { runId, item } = await exhaust();

    expect(item).toMatchObject({
      kind: "question",
      run_id: runId,
      subject: { about: "budget", answers: ["raise", "finish", "cancel"], scope: "run", limit_usd: "0.0000005", needed_usd: "0.0000001" },
    });
  });

  test("goes on when its budget is raised, and is not asked about it twice", async () => {
    const { world, runId, item } = await exhaust();

    await decide(world, item, { verb: "answer", answer: "raise", limit: 10_000n });
    await race(world, wide(10), { workers: 2 });

    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    expect(listViolations(facts)).toEqual([]);
    expect(await list(world)).toEqual([]);
    await expect(decide(world, item, { verb: "answer", answer: "cancel", limit: undefined })).rejects.toMatchObject({
      code: "already-decided",
    });
  });

  test("finishes with what there is: what has not begun is cancelled, what is there is reviewed and summarized", async () => {
    const { world, runId, item } = await exhaust(500n);
    await decide(world, item, { verb: "answer", answer: "finish", limit: undefined });
    await race(world, wide(10), { workers: 2 });

    // The review asks for money in its turn: it has nothing to finish early.
    const question = await theItem(world);
    expect(question.subject).toMatchObject({ answers: ["raise", "cancel"] });
    await decide(world, question, { verb: "answer", answer: "raise", limit: 700n });
    await race(world, wide(10), { workers: 2 });

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "completed", error: null });
    expect(listViolations(facts)).toEqual([]);
    const count = (status: string) => run.tasks.filter((task) => task.kind === "executor" && task.status === status).length;
    expect([count("completed"), count("cancelled")]).toEqual([4, 6]);
    expect(await readBooks(world, runId)).toMatchObject({ spent: 700n, held: 0n, billed: 700n });
    expect(await readLoads(world)).toEqual([]);
  });

  test("is cancelled by that answer", async () => {
    const { world, runId, item } = await exhaust();

    await decide(world, item, { verb: "answer", answer: "cancel", limit: undefined });

    expect((await inspectRun(world, runId)).run.status).toBe("cancelled");
    expect(world.stopped).toEqual([`${runId}-1`]);
  });

  test("is refused an answer that makes no sense, and nothing changes", async () => {
    const { world, runId, item } = await exhaust();

    const refusals: [Decision, string][] = [
      [{ verb: "approve", request_sha256: "0".repeat(64) }, "conflict"],
      [{ verb: "resolve", outcome: "give-up" }, "conflict"],
      [{ verb: "answer", answer: "finish", limit: 5n }, "invalid-request"],
      [{ verb: "answer", answer: "raise", limit: 5n }, "budget-exhausted"],
    ];
    for (const [decision, code] of refusals) await expect(decide(world, item, decision)).rejects.toMatchObject({ code });

    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "paused", budget: { limit_usd: "0.0000005" } });
    expect(await theItem(world)).toEqual(item);
  });

  test("is no more asked once it was resumed or cancelled another way", async () => {
    const first = await exhaust();
    await resumeRun(first.world.deps, actorOf(first.world), first.runId, 10_000n);
    const second = await exhaust();
    await cancelRun(second.world.deps, actorOf(second.world), second.runId);

    for (const { world } of [first, second]) expect(await list(world, "withdrawn")).toHaveLength(1);
    await expect(decide(second.world, second.item, { verb: "answer", answer: "cancel", limit: undefined })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("for its workspace's budget is answered when that was raised", async () => {
    const world = await openWorld(db, { prices: pricesOf(100n, 100n), executorCapacity: 50 });
    await db.transact(actorOf(world), (connection) =>
      connection.query("INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $1, 'owner')", [world.workspaceId]),
    );
    await setWorkspaceLimit(world.deps, actorOf(world), 300n);
    const runId = await postGoal(world, "shared", 10_000n);
    await settleWorld(world, wide(4));
    const item = await theItem(world);
    expect(item.subject).toMatchObject({ scope: "workspace" });
    await expect(decide(world, item, { verb: "answer", answer: "raise", limit: 10_000n })).rejects.toMatchObject({
      code: "invalid-request",
    });

    await setWorkspaceLimit(world.deps, actorOf(world), 10_000n);
    await decide(world, item, { verb: "answer", answer: "raise", limit: undefined });
    await settleWorld(world, wide(4));

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });
});

describe("a tool that needs a person's word", () => {
  const script: Script = { plan: planOf({ a: [] }), executor: callToolThenSucceed };

  async function reachCall(executor = script) {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
    await db.transact(actorOf(world), (connection) =>
      upsertApprovalSettings(connection, world.workspaceId, { tools: ["write_file"], expires_seconds: 3_600 }, world.clock.now),
    );
    const runId = await postGoal(world, "write it", 10_000n);
    await settleWorld(world, executor);
    return { world, runId, item: await theItem(world) };
  }

  test("waits with its arguments in the inbox, and nothing looks at the database meanwhile", async () => {
    const { world, runId, item } = await reachCall();

    expect(item).toMatchObject({
      kind: "approval",
      run_id: runId,
      task: { ordinal: 1 },
      request: { tool: "write_file", arguments: { path: "a.txt", content: "a" } },
      subject: { because: "tool", tool: "write_file" },
      expires_at: new Date(world.clock.now.getTime() + 3_600_000).toISOString(),
    });
    expect(await countEffects(world, runId)).toMatchObject({ parked: 1 });
    expect(await sleepsUntil(world, runId)).toBe(item.expires_at);
    await lookAfter(world, runId, 600);
    expect(await countEffects(world, runId)).toMatchObject({ parked: 1 });
  });

  test("is carried out once it is approved, once", async () => {
    const { world, runId, item } = await reachCall();

    const both = await Promise.allSettled([approve(world, item), approve(world, item)]);
    await settleWorld(world, script);

    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(approve(world, item)).rejects.toMatchObject({ code: "already-decided" });
    const { run, facts } = await inspectRun(world, runId);
    expect(run.status).toBe("completed");
    expect(listViolations(facts)).toEqual([]);
    expect(await list(world, "approved")).toMatchObject([{ id: item.id, decided_by: world.workspaceId }]);
  });

  test("is not approved for other arguments than those that were shown", async () => {
    const { world, runId, item } = await reachCall();

    await expect(approve(world, item, "0".repeat(64))).rejects.toMatchObject({ code: "arguments-changed" });
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE effects SET request_sha256 = $2 WHERE id = $1", [item.effect_id, "1".repeat(64)]),
    );
    await expect(approve(world, item)).rejects.toMatchObject({ code: "arguments-changed" });

    expect(await countEffects(world, runId)).toMatchObject({ parked: 1 });
    expect(await list(world)).toHaveLength(1);
  });

  test("fails when it is rejected, with the note for the agent, who goes on", async () => {
    const { world, runId, item } = await reachCall();
    const heard: unknown[] = [];

    await decide(world, item, { verb: "reject", note: "not on a Friday" });
    await settleWorld(world, {
      ...script,
      executor: (call) => {
        heard.push(...call.turns);
        return succeedWith("without it");
      },
    });

    expect(heard).toContainEqual(
      expect.objectContaining({ kind: "tool", ok: false, output: { code: "rejected", detail: "not on a Friday", retryable: false } }),
    );
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    await expect(approve(world, item)).rejects.toMatchObject({ code: "already-decided" });
  });

  test("fails when nobody approves it in time", async () => {
    const { world, runId, item } = await reachCall();
    world.clock.now = new Date(world.clock.now.getTime() + 3_600_000);

    await expect(approve(world, item)).rejects.toMatchObject({ code: "approval-expired" });
    expect(await sleepsUntil(world, runId)).toBe(null);
    await lookAfter(world, runId, 1);
    await expect(approve(world, item)).rejects.toMatchObject({ code: "approval-expired" });
    await settleWorld(world, { ...script, executor: (call) => (call.turns.length > 0 ? succeedWith("late") : callToolThenSucceed(call)) });

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await list(world, "expired")).toHaveLength(1);
  });

  test("waits on through pause and resume, and is sent by the resume when it was approved in between", async () => {
    const { world, runId, item } = await reachCall();
    await pauseRun(world.deps, actorOf(world), runId);
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, script);
    expect(await countEffects(world, runId)).toMatchObject({ parked: 1 });

    await pauseRun(world.deps, actorOf(world), runId);
    await approve(world, item);
    await settleWorld(world, script);
    expect(await countEffects(world, runId)).toMatchObject({ parked: 1 });
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });
});

test("a task that needs a person's word does not begin before, and fails with the note when it is rejected", async () => {
  const { tasks, risks } = planOf({ a: [], b: ["a"] });
  const script: Script = {
    plan: { risks, tasks: tasks.map((task) => (task.id === "b" ? { ...task, policy: { requires_approval: true } } : task)) },
  };
  const world = await openWorld(db, { prices: pricesOf(100n, 60n), executorCapacity: 1 });
  const runId = await reachExecution(world, script, 10_000n);
  await settleWorld(world, script);
  const item = await theItem(world);
  expect(item).toMatchObject({ kind: "approval", task: { name: "Task b" }, subject: { because: "task", effect: "llm" } });
  expect(await readBooks(world, runId)).toMatchObject({ spent: 120n, held: 100n });

  await decide(world, item, { verb: "reject", note: "too risky" });
  await settleWorld(world, script);

  const { run } = await inspectRun(world, runId);
  expect(run).toMatchObject({ status: "failed", error: { code: "rejected", detail: "Task 2 (Task b): too risky" } });
  expect(await readBooks(world, runId)).toMatchObject({ spent: 120n, held: 0n });
});

describe("an effect whose outcome nobody knows", () => {
  const script: Script = { plan: planOf({ a: [] }) };

  async function loseOnce(limit = 10_000n) {
    const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
    const runId = await reachExecution(world, script, limit);
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE effects SET safety = 'once' WHERE run_id = $1 AND state = 'due'", [runId]),
    );
    const [effect] = await claimWaiting(world);
    if (effect === undefined) throw new Error("nothing was claimed");
    await lookAfter(world, runId, 91);
    return { world, runId, effect, item: await theItem(world) };
  }

  test("waits in the inbox, and costs no look at the database", async () => {
    const { world, runId, effect, item } = await loseOnce();

    expect(item).toMatchObject({ kind: "outcome", effect_id: effect.effect_id, expires_at: null });
    expect(await sleepsUntil(world, runId)).toEqual(expect.any(String));
  });

  test("that happened is done with what the person says", async () => {
    const { world, runId, item } = await loseOnce();
    const answer = succeedWith("it is there");
    if (answer.status !== "done") throw new Error("it is done");

    await decide(world, item, { verb: "resolve", outcome: "happened", result: draftPayload(world.deps, answer.result) });
    await settleWorld(world, script);

    const { run, facts } = await inspectRun(world, runId);
    expect(run.tasks.find((task) => task.ordinal === 1)?.result).toBe("it is there");
    expect(run.status).toBe("completed");
    expect(listViolations(facts)).toEqual([]);
    expect(await readBooks(world, runId)).toMatchObject({ held: 0n, lost: 100n });
  });

  test("that did not happen is sent again, under a hold of its own", async () => {
    const { world, runId, effect, item } = await loseOnce();

    await decide(world, item, { verb: "resolve", outcome: "did-not-happen" });
    expect(world.effects).toMatchObject([{ effect_id: effect.effect_id, try: 2 }]);
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    expect(await readBooks(world, runId)).toMatchObject({ held: 0n, lost: 100n, spent: 340n });
    await expect(decide(world, item, { verb: "resolve", outcome: "give-up" })).rejects.toMatchObject({ code: "already-decided" });
  });

  test("is not sent again when no budget covers that", async () => {
    const { world, runId, item } = await loseOnce(200n);

    await expect(decide(world, item, { verb: "resolve", outcome: "did-not-happen" })).rejects.toMatchObject({ code: "budget-exhausted" });

    expect(await countEffects(world, runId)).toMatchObject({ unknown: 1 });
    expect(await theItem(world)).toEqual(item);
  });

  test("that is given up fails, and whoever asked for it is told", async () => {
    const { world, runId, item } = await loseOnce();

    await decide(world, item, { verb: "resolve", outcome: "give-up" });
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "failed", error: { code: "outcome-unknown" } });
  });

  test("needs nobody any more when its hand reports late", async () => {
    const { world, runId, effect, item } = await loseOnce();
    const { processReports } = await import("../../shared/orchestration/conductor/process-reports.ts");

    await processReports(world.deps, [{ effect_id: effect.effect_id, lease_token: effect.lease_token, outcome: succeedWith("late") }]);

    expect(await list(world)).toEqual([]);
    await expect(decide(world, item, { verb: "resolve", outcome: "did-not-happen" })).rejects.toMatchObject({ code: "conflict" });
    expect(await typesOf(world, runId)).toContain("task-completed");
  });
});
