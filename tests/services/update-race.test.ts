import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { updateTask } from "../../shared/orchestration/control/update-task.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { actorOf } from "../world/forks.ts";
import { inspectRun, listViolations } from "../world/inspect.ts";
import { openWorld, postGoal } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(14);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const Begun = z.object({ id: z.uuid(), description: z.string(), told: z.string() });

test("a task is changed before it begins, or begins as it was: never both", async () => {
  const world = await openWorld(db, { executorCapacity: 3 });
  const names = Array.from({ length: 30 }, (_, index) => `t${index}`);
  const plan = planOf(Object.fromEntries(names.map((name, index) => [name, index < 4 ? [] : [`t${index - 4}`]])));
  const runIds = await Promise.all(Array.from({ length: 3 }, (_, index) => postGoal(world, `goal ${index}`)));
  const answers = new Map<string, string>();
  const updates: Promise<void>[] = [];

  async function change(runId: string, taken: number): Promise<void> {
    const { run } = await inspectRun(world, runId);
    const task = run.tasks.find(({ kind, status, id }) => kind === "executor" && status === "pending" && !answers.has(id));
    if (task === undefined) return;
    answers.set(task.id, "asked");
    const description = `changed at ${taken}`;
    const answer = await updateTask(world.deps, actorOf(world), task.id, { description }).then(
      () => description,
      (error: unknown) => {
        if (error instanceof AppError) return error.code;
        throw error;
      },
    );
    answers.set(task.id, answer);
  }
  await race(
    world,
    { plan },
    {
      workers: 5,
      onProgress(taken) {
        if (taken % 2 === 0) updates.push(...runIds.map((runId) => change(runId, taken)));
      },
    },
  );
  await Promise.all(updates);

  const { rows } = await db.transact({ role: "engine" }, (connection) =>
    connection.query(
      `SELECT t.id, t.description, p.body #>> '{variables,task,description}' AS told FROM tasks t
      JOIN task_attempts a ON a.task_id = t.id JOIN payloads p ON p.id = a.briefing_payload_id
      WHERE t.kind = 'executor' AND t.workspace_id = $1`,
      [world.workspaceId],
    ),
  );
  const begun = z.array(Begun).parse(rows);
  expect(begun).toHaveLength(90);
  for (const { id, description, told } of begun) {
    const answer = answers.get(id) ?? "not asked";
    const isChanged = answer.startsWith("changed");
    expect([answer, told, description, told.startsWith("changed")]).toEqual([answer, isChanged ? answer : told, told, isChanged]);
  }
  const kinds = [...answers.values()].map((answer) => answer.replace(/ .*/, ""));
  expect(new Set(kinds)).toEqual(new Set(["changed", "task-started"]));
  for (const runId of runIds) {
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
  }
}, 120_000);
