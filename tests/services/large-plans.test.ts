import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { Plan } from "../../shared/agents/contract.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { readBacklogOfAgents, readReadyOfRuns } from "../../shared/orchestration/sql/read-startable.ts";
import { updateWorkspaceRoom } from "../../shared/orchestration/sql/write-agents.ts";
import type { Database, Queryable } from "../../shared/platform/db/database.ts";
import { hashJson } from "../../shared/platform/hash.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { parseJson } from "../../shared/platform/json.ts";
import { inspectRun } from "../world/inspect.ts";
import { carryOutDue, openWorld, type World } from "../world/open-world.ts";
import { drainControl } from "../world/reach-execution.ts";
import { planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

const ALONE = 9_000;
const CHAIN = 1_000;

let fresh: FreshDatabase;
let db: Database;
let world: World;
let runId: string;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  db = fresh.deployed;
  world = await openWorld(db, { executorCapacity: 2 });
  runId = await postPlan(crowdBeforeChain());
  await drainControl(world);
}, 60_000);
afterAll(() => fresh.drop());

/** Thousands that hold nothing up, and after all of them a chain: its last task is named first, its first task last. */
function crowdBeforeChain(): Plan {
  const alone = Array.from({ length: ALONE }, (_, index): [string, string[]] => [`t${index}`, []]);
  const chain = Array.from({ length: CHAIN }, (_, index): [string, string[]] => [`c${index}`, index === 0 ? [] : [`c${index - 1}`]]);
  return planOf(Object.fromEntries([...alone, ...chain.toReversed()]));
}

async function postPlan(plan: Plan): Promise<string> {
  const body = parseJson(JSON.stringify(plan));
  const payload = { id: uuidv7(), sha256: hashJson(body), body };
  const { workspaceId } = world;
  const run = { runId: uuidv7(), workspaceId, userId: workspaceId, goal: "a large plan", files: [], model: "local:scripted", limit: null };
  await createRun(world.deps, { ...run, plan: payload });
  return run.runId;
}

async function namesOfBegun(): Promise<string[]> {
  const { facts } = await inspectRun(world, runId);
  return facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.name.replace("Task ", "")] : []));
}

/** Hands that carry out one effect at a time, in the order in which they were sent. */
async function report(times: number): Promise<void> {
  for (let done = 0; done < times; done += 1) await processReports(world.deps, await carryOutDue(world, { plan: planOf({}) }, 1));
}

describe("of ten thousand tasks", () => {
  test("the longest way begins first, though it stands last, and goes on as soon as it can", async () => {
    expect(await namesOfBegun()).toEqual(["c0", "t0"]);

    await report(60);

    const begun = await namesOfBegun();
    expect(begun.filter((name) => name.startsWith("c"))).toEqual(Array.from({ length: 31 }, (_, index) => `c${index}`));
    expect(begun.filter((name) => name.startsWith("t"))).toEqual(Array.from({ length: 31 }, (_, index) => `t${index}`));
  });

  test("only the longest way goes on when one may run at once", async () => {
    await db.transact({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }, (connection) =>
      updateWorkspaceRoom(connection, 1),
    );
    const before = await namesOfBegun();

    await report(10);

    expect((await namesOfBegun()).slice(before.length).every((name) => name.startsWith("c"))).toBe(true);
    expect((await namesOfBegun()).length - before.length).toBe(9);
  });

  test("what begins next is read along an index in its order", async () => {
    await postPlan(planOf(Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`o${index}`, []]))));
    await drainControl(world);
    await fresh.owner.transact({ role: "owner" }, (connection) => connection.query("ANALYZE tasks"));
    const { rows } = await db.transact({ role: "engine" }, (connection) =>
      connection.query("SELECT id AS agent_id, 1 AS leaving FROM agents", []),
    );
    const agents = z.array(z.object({ agent_id: z.uuid(), leaving: z.int() })).parse(rows);

    const backlog = await explain((connection) => readBacklogOfAgents(connection, agents, world.clock.now));
    expect(backlog).toMatch(/Index Scan using tasks_ready on tasks/);
    const ready = await explain((connection) => readReadyOfRuns(connection, [runId], world.clock.now));
    expect(ready).toMatch(/Index Scan using tasks_ready_of_run on tasks/);
  });
});

/** How the engine would carry out the statement that `send` sends. */
async function explain(send: (db: Queryable) => Promise<unknown>): Promise<string> {
  return db.transact({ role: "engine" }, async (connection) => {
    const plans: unknown[] = [];
    await send({
      async query(text, values) {
        plans.push(...(await connection.query(`EXPLAIN ${text}`, values)).rows);
        return { rows: [], rowCount: 0 };
      },
    });
    return plans.map((row) => JSON.stringify(row)).join("\n");
  });
}
