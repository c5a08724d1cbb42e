import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { answerRecall } from "../../shared/orchestration/conductor/answer-recalls.ts";
import { conduct } from "../../shared/orchestration/conductor/conduct.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { callToolThenSucceed, planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let world: World;
const sent = new Map<string, readonly unknown[]>();
const script = {
  plan: planOf({ a: [], b: [], c: ["a", "b"], d: ["c"], e: ["c"], f: ["d", "e"] }),
  executor: callToolThenSucceed,
};

/** Tables that grow with the work. Others are small, and here some are empty. */
const CORE = [
  "runs",
  "tasks",
  "task_dependencies",
  "task_attempts",
  "payloads",
  "effects",
  "budgets",
  "budget_holds",
  "agents",
  "run_events",
];

/** Enough that a table is not read whole because it is small. */
const OTHER_WORKSPACES = 250;
const COPY_RUNS = `INSERT INTO runs (id, workspace_id, user_id, root_task_id, goal, budget_id, status, phase, deadline)
  SELECT gen_random_uuid(), workspace_id, user_id, root_task_id, goal, budget_id, 'completed', 'end', deadline FROM runs, generate_series(1, 50)`;

beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  const opened = await openWorld(noting(fresh.deployed), { prices: pricesOf(100n, 60n), executorCapacity: 2 });
  const conductor = conduct(opened.deps, { recall: (effect) => answerRecall(opened.deps, effect) });
  world = { ...opened, deps: conductor };
  for (let index = 0; index < 20; index += 1) {
    await post();
    await carryOut();
  }
  for (let index = 0; index < OTHER_WORKSPACES; index += 1) await openWorld(fresh.deployed);
  await fresh.deployed.transact({ role: "engine" }, (db) => db.query(COPY_RUNS));
  await asOwner("ANALYZE");
});
afterAll(() => fresh.drop());

const post = () => postGoal(world, "look where it leads", 1_000_000n);

/** What was posted, to its end, with everything that a conductor and its hands send. */
async function carryOut(): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) {
    await settleWorld(world, script);
    await world.deps.ownHand?.settled();
  }
}

/** The same database, which notes the statements of the engine with the last values they were sent with. */
function noting(database: Database): Database {
  return {
    ...database,
    transact: (actor, work) =>
      database.transact(actor, (db) =>
        work({
          query(text, values) {
            if (actor.role === "engine" && values !== undefined) sent.set(text, values);
            return db.query(text, values);
          },
        }),
      ),
  };
}

async function asOwner(text: string): Promise<unknown[]> {
  return fresh.owner.transact({ role: "owner" }, async (db) => (await db.query(text)).rows);
}

type PlanNode = {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Index Name"?: string | undefined;
  "Index Cond"?: string | undefined;
  Plans?: PlanNode[] | undefined;
};
const PlanNode: z.ZodType<PlanNode> = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Index Cond": z.string().optional(),
  get Plans() {
    return z.array(PlanNode).optional();
  },
});
const Explained = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: PlanNode })]) })]);

/** Holds the few effects that have no answer yet. */
const ONLY_OPEN = "effects_open";

function findWholeReads(node: PlanNode): string[] {
  // An index that is read from end to end is the whole table in another order.
  const isWhole =
    node["Node Type"] === "Seq Scan" ||
    (node["Index Name"] !== undefined && node["Index Cond"] === undefined && node["Index Name"] !== ONLY_OPEN);
  const own = node["Relation Name"] ?? node["Index Name"] ?? "";
  return [...(isWhole ? [own] : []), ...(node.Plans ?? []).flatMap(findWholeReads)];
}

/** Tables of the core that a statement would read whole, as the engine plans it: once, without looking at the values. */
async function explain(text: string): Promise<string[]> {
  const values = (sent.get(text) ?? []).map(() => "NULL").join(", ");
  const rows = await fresh.deployed.transact({ role: "engine" }, async (db) => {
    await db.query(`PREPARE probe AS ${text}`);
    const { rows: plan } = await db.query(`EXPLAIN (FORMAT JSON) EXECUTE probe${values === "" ? "" : `(${values})`}`);
    await db.query("DEALLOCATE probe");
    return plan;
  });
  return findWholeReads(Explained.parse(rows)[0]["QUERY PLAN"][0].Plan);
}

/** How often each table of the core was read whole since the database was made, whoever did it, also inside functions. */
async function countWholeReads(): Promise<Record<string, number>> {
  await asOwner("SELECT pg_stat_force_next_flush()");
  // Whoever has read flushes what it counted at the end of its next transaction, at the latest after a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  for (let session = 0; session < 8; session += 1) await fresh.deployed.transact({ role: "engine" }, (db) => db.query("SELECT 1"));
  const rows = await asOwner(
    `SELECT relname AS name, seq_scan::int AS count FROM pg_stat_user_tables WHERE relname IN (${CORE.map((name) => `'${name}'`).join(", ")})`,
  );
  const counts = z.array(z.object({ name: z.string(), count: z.int() })).parse(rows);
  return Object.fromEntries(counts.map(({ name, count }) => [name, count]));
}

describe("what a conductor and its hands send", () => {
  test("was noted: readers, the lock, and writers of many shapes", () => {
    expect(sent.size).toBeGreaterThan(15);
    expect([...sent.keys()].some((text) => text.includes("lock_batch("))).toBe(true);
    expect([...sent.keys()].filter((text) => text.startsWith("WITH changed_runs")).length).toBeGreaterThan(3);
  });

  test("follows indexes: no table is planned to be read whole", async () => {
    const found = await Promise.all(
      [...sent.keys()]
        .filter((text) => /^\s*(?:SELECT|WITH|UPDATE|INSERT)/.test(text))
        .map(async (text) => ({ text, tables: await explain(text) })),
    );
    expect(found.filter(({ tables }) => tables.some((table) => CORE.includes(table)))).toEqual([]);
  });

  test("reads no table whole when it is carried out, not in the lock either, until an index is gone", async () => {
    // Whoever posts is no engine, and may read a small table whole.
    await post();
    const before = await countWholeReads();
    await carryOut();
    expect(await countWholeReads()).toEqual(before);

    await asOwner("DROP INDEX budgets_of_people_and_days");
    await post();
    await carryOut();
    const after = await countWholeReads();
    expect(after["budgets"]).toBeGreaterThan(before["budgets"] ?? 0);
  });
});
