import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { listRuns } from "../../shared/orchestration/sql/read-runs.ts";
import { listTasks, type TaskFilter } from "../../shared/orchestration/sql/read-tasks.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";
import { actorOf, finishRun } from "../world/forks.ts";
import { inspectRun } from "../world/inspect.ts";
import { openWorld, type World } from "../world/open-world.ts";
import { planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let world: World;
let place: { run_id: string; parent_task_id: string };

/** Many runs of few goals and many tasks, in several workspaces. */
const COPY_TASKS = `INSERT INTO tasks (id, workspace_id, user_id, run_id, parent_task_id, kind, name, status)
  SELECT gen_random_uuid(), workspace_id, user_id, run_id, parent_task_id, kind, name, status FROM tasks, generate_series(1, 800) WHERE kind = 'executor'`;
const COPY_RUNS = `INSERT INTO runs (id, workspace_id, user_id, root_task_id, goal, budget_id, status, phase, deadline)
  SELECT gen_random_uuid(), workspace_id, user_id, root_task_id, goal, budget_id, 'completed', 'end', deadline FROM runs, generate_series(1, 500)`;

beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  for (let index = 0; index < 6; index += 1) {
    world = await openWorld(fresh.deployed);
    const run_id = await finishRun(world, { plan: planOf({ a: [], b: [] }) });
    place = { run_id, parent_task_id: (await inspectRun(world, run_id)).run.task_id };
  }
  await fresh.deployed.transact({ role: "engine" }, async (db) => {
    await db.query(COPY_TASKS);
    await db.query(COPY_RUNS);
  });
  await fresh.owner.transact({ role: "owner" }, (db) => db.query("ANALYZE"));
}, 60_000);
afterAll(() => fresh.drop());

/** What the database would do for the one statement that `list` sends: the lines of its plan that read tables. */
async function readsOf(list: (db: Queryable) => Promise<unknown>): Promise<string[]> {
  return fresh.deployed.transact(actorOf(world), async (db) => {
    let lines: string[] = [];
    await list({
      async query(text, values) {
        const { rows } = await db.query(`EXPLAIN ${text}`, values);
        lines = z
          .array(z.object({ "QUERY PLAN": z.string() }))
          .parse(rows)
          .map((row) => row["QUERY PLAN"]);
        return db.query(text, values);
      },
    });
    return lines.filter((line) => line.includes(" Scan")).map((line) => line.replace(/^[ ->]*/, "").replace(/ {2}\(.*/, ""));
  });
}

const page = { before: undefined, limit: 20 };
const tasks = (filter: Partial<TaskFilter>) => readsOf((db) => listTasks(db, { ...page, ...filter }));

test("a page of a list is read by an index, whatever it is narrowed by, and no table whole", async () => {
  const created_after = new Date(Date.now() - 60_000).toISOString();
  const plans = {
    goals: await tasks({ created_after }),
    kind: await tasks({ kind: "executor", query: "nobody calls it so" }),
    run: await tasks({ run_id: place.run_id, status: "failed" }),
    parent: await tasks({ parent_task_id: place.parent_task_id }),
    runs: await readsOf((db) => listRuns(db, { ...page, created_after, query: "letters" })),
  };

  expect(
    Object.values(plans)
      .flat()
      .filter((line) => line.startsWith("Seq Scan")),
  ).toEqual([]);
  const indexes = (lines: string[]) => lines.join(" ");
  expect(indexes(plans.goals)).toMatch(/tasks_goals/);
  expect(indexes(plans.kind)).toMatch(/tasks_workspace|tasks_pkey/);
  expect(indexes(plans.run)).toMatch(/tasks_run|tasks_workspace/);
  expect(indexes(plans.parent)).toMatch(/tasks_parent|tasks_workspace/);
  expect(indexes(plans.runs)).toMatch(/runs_workspace/);
});
