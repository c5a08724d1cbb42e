import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { EffectOutcome, EffectReport } from "../../shared/effects/contract.ts";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { claimForHands } from "../../shared/orchestration/claim-effects.ts";
import { processControl } from "../../shared/orchestration/process-control.ts";
import { processReports } from "../../shared/orchestration/process-reports.ts";
import { readFacts } from "../../shared/orchestration/sql/read-events.ts";
import { findRun } from "../../shared/orchestration/sql/read-runs.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { carryOutDue, openWorld, postGoal, settleWorld, type World } from "../world/open-world.ts";
import { failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase } from "./fresh-database.ts";

let fresh: Awaited<ReturnType<typeof createFreshDatabase>>;
let db: Database;

beforeAll(async () => {
  fresh = await createFreshDatabase(10);
  db = fresh.database;
});
afterAll(() => fresh.drop());

const diamond: Script = { plan: planOf({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] }) };

async function runOf(world: World, runId: string) {
  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  return db.transact(actor, async (connection) => ({
    run: await findRun(connection, runId),
    facts: await readFacts(connection, runId, 0),
  }));
}

describe("one conductor", () => {
  it("plans, executes, reviews and summarises a diamond of tasks", async () => {
    const world = await openWorld(db);
    const runId = await postGoal(world, "a diamond");

    await settleWorld(world, diamond);

    const { run, facts } = await runOf(world, runId);
    expect(run?.status).toBe("completed");
    expect(run?.tasks.filter((task) => task.kind === "executor").map((task) => [task.ordinal, task.status, task.depends_on])).toEqual([
      [1, "completed", []],
      [2, "completed", [1]],
      [3, "completed", [1]],
      [4, "completed", [2, 3]],
    ]);
    expect(facts.map((fact) => fact.number)).toEqual(facts.map((_, index) => index + 1));
    expect(run?.memories).toHaveLength(1);
  });
});

describe("eight conductors and eight hands", () => {
  it("claim every effect once, complete every task once, and leave no gap in any log", async () => {
    const world = await openWorld(db, { executorCapacity: 4 });
    const script: Script = {
      plan: planOf({ a: [], b: [], c: ["a"], d: ["a", "b"], e: ["c", "d"], f: ["e"] }),
      executor: refuseMissingInputs,
    };
    const runIds = await Promise.all(Array.from({ length: 12 }, (_, index) => postGoal(world, `goal ${index}`)));
    const claims = new Map<string, number>();

    await Promise.all(Array.from({ length: 8 }, (_, worker) => work(world, script, worker, claims)));

    expect([...claims.values()].filter((count) => count > 1)).toEqual([]);
    for (const runId of runIds) {
      const { run, facts } = await runOf(world, runId);
      expect(run?.status).toBe("completed");
      expect(facts.map((fact) => fact.number)).toEqual(facts.map((_, index) => index + 1));
      const completed = facts.flatMap(({ fact }) => (fact.type === "task-completed" ? [fact.task_id] : []));
      expect(completed).toHaveLength(new Set(completed).size);
      expect(orderViolations(facts)).toEqual([]);
    }
    expect(await openLoad()).toEqual([]);
  });
});

/** A task that begins before it has the results of all its parents says so by failing. */
function refuseMissingInputs(call: LlmCall): EffectOutcome {
  const missing = call.inputs.filter((input) => input.result === null).map((input) => input.ordinal);
  return missing.length === 0 ? succeedWith("done") : failWith(`missing-input: ${missing.join(", ")}`);
}

/** Takes what is on the queues, doubles some of it, and goes on until all runs have ended. */
async function work(world: World, script: Script, worker: number, claims: Map<string, number>): Promise<void> {
  let idle = 0;
  while (idle < 20) {
    const messages = world.control.splice(0, 3);
    const effects = world.effects.splice(0, 3);
    if (messages.length + effects.length === 0) {
      idle += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    idle = 0;
    const failed = await processControl(world.deps, worker % 2 === 0 ? [...messages, ...messages] : messages);
    world.control.push(...failed.flatMap((index) => messages[index % messages.length] ?? []));
    // Every message is delivered twice, to two claims that race.
    const copies = { ...world, effects: [...effects] };
    const [reports, doubled] = await Promise.all([
      carryOutDue({ ...world, effects: [...effects] }, script, 3),
      carryOutDue(copies, script, 3),
    ]);
    for (const report of [...reports, ...doubled]) claims.set(report.effect_id, (claims.get(report.effect_id) ?? 0) + 1);
    await deliverTwice(world, [...reports, ...doubled]);
  }
}

/** Every report is delivered twice at once, and twice in one batch; those that were overtaken too often come again, as from a queue. */
async function deliverTwice(world: World, reports: EffectReport[]): Promise<void> {
  let open = reports;
  while (open.length > 0) {
    const [processed] = await Promise.all([processReports(world.deps, [...open, ...open]), processReports(world.deps, open)]);
    open = processed.filter((item) => item.verdict === "again").map((item) => item.report);
  }
}

function orderViolations(facts: Awaited<ReturnType<typeof readFacts>>): string[] {
  const plan = facts.flatMap(({ fact }) => (fact.type === "plan-stored" ? fact.tasks : []));
  const completedAt = new Map(
    facts.flatMap(({ number, fact }) => (fact.type === "task-completed" ? [[fact.ordinal, number] as const] : [])),
  );
  return facts.flatMap(({ number, fact }) => {
    if (fact.type !== "task-started" || fact.ordinal === 0) return [];
    const parents = plan.find((task) => task.ordinal === fact.ordinal)?.depends_on ?? [];
    return parents
      .filter((parent) => (completedAt.get(parent) ?? Infinity) > number)
      .map((parent) => `${fact.ordinal} began before ${parent} ended`);
  });
}

async function openLoad(): Promise<unknown[]> {
  return fresh.owner.transact({ role: "owner" }, async (connection) => {
    const { rows } = await connection.query("SELECT name, current_task_count FROM agents WHERE current_task_count <> 0", []);
    return z.array(z.unknown()).parse(rows);
  });
}

describe("claims", () => {
  it("grant an effect to one of eight hands that ask in different orders", async () => {
    const world = await openWorld(db);
    await Promise.all(Array.from({ length: 40 }, () => postGoal(world, "claim me")));
    while (world.control.length > 0) await processControl(world.deps, world.control.splice(0, 20));
    const messages = world.effects.map(({ effect_id, try: attempt }) => ({ effect_id, try: attempt }));
    expect(messages).toHaveLength(40);

    const orders = Array.from({ length: 8 }, (_, index) => [...messages.slice(index * 5), ...messages.slice(0, index * 5)]);
    const granted = (await Promise.all(orders.map((order) => claimForHands(world.deps, order)))).flat().map((effect) => effect.effect_id);

    expect(granted.toSorted()).toEqual(messages.map((message) => message.effect_id).toSorted());
  });
});
