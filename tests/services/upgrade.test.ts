import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { type Database, openDatabase } from "../../shared/platform/db/database.ts";
import { migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { hashJson } from "../../shared/platform/hash.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/seed-tools.ts";
import { upsertTools } from "../../shared/tools/sql.ts";
import { inspectRun, listViolations } from "../world/inspect.ts";
import { openWorld, settleWorld } from "../world/open-world.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";
import { createBareDatabase, whileRolesAreStill } from "./fresh-database.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const script: Script = { plan: planOf({ a: [], b: ["a"] }) };

test("runs that the first release left, one that had ended and one under way, are read and go on after the newest migration", async () => {
  const { database, workspaceId } = await openFirstRelease();
  const [ended, underWay] = [uuidv7(), uuidv7()];
  await fillAsFirstRelease(database, workspaceId, { runId: ended, isOver: true });
  await fillAsFirstRelease(database, workspaceId, { runId: underWay, isOver: false });

  await whileRolesAreStill(() => migrateUp(database, readMigrations("migrations")));
  const { deps, ...opened } = await openWorld(database);
  const world = { ...opened, workspaceId, deps };
  expect(await countRunning(database, workspaceId)).toBe(1);

  const before = await inspectRun(world, ended);
  expect([before.run.status, before.facts.map(({ fact }) => fact.type)]).toEqual(["completed", ["run-created", "run-completed"]]);
  world.clock.now = new Date(Date.now() + 61_000);
  await processControl(deps, [{ kind: "watchdog", run_id: underWay, seq: 1 }]);
  await settleWorld(world, script);
  const { run, facts } = await inspectRun(world, underWay);
  expect([run.status, run.error, listViolations(facts)]).toEqual(["completed", null, []]);
  expect(await countRunning(database, workspaceId)).toBe(0);
});

/** How many tasks of the workspace run, as its own row says. */
async function countRunning(database: Database, workspaceId: string): Promise<number> {
  return database.transact({ role: "engine" }, async (db) => {
    const { rows } = await db.query("SELECT running_tasks FROM budgets WHERE workspace_id = $1 AND scope = 'workspace'", [workspaceId]);
    return z.tuple([z.object({ running_tasks: z.int() })]).parse(rows)[0].running_tasks;
  });
}

/** A database of the first release (migrations 0001 to 0006), with a person and the agents of their workspace. */
async function openFirstRelease(): Promise<{ database: Database; workspaceId: string }> {
  const bare = await createBareDatabase();
  closing.push(bare.drop);
  const database = await openDatabase(bare.url, { poolSize: 4 });
  closing.push(() => database.close());
  const first = readMigrations("migrations").filter(({ version }) => version <= "0006");
  expect(first).toHaveLength(6);
  await whileRolesAreStill(() => migrateUp(database, first));
  const workspaceId = uuidv7();
  const roles = ["planner", "executor", "critic", "summarizer"];
  await database.transact({ role: "owner" }, (db) => upsertTools(db, seedTools, uuidv7));
  await database.transact({ role: "app", workspaceId, userId: workspaceId }, async (db) => {
    await db.query("INSERT INTO users (id, username, email, password_hash) VALUES ($1, 'first', 'first@example.org', 'x')", [workspaceId]);
    await db.query("INSERT INTO workspaces (id, name, owner_user_id) VALUES ($1, 'first', $1)", [workspaceId]);
    await db.query("INSERT INTO budgets (id, workspace_id, scope) VALUES ($1, $2, 'workspace')", [uuidv7(), workspaceId]);
    for (const role of roles) {
      await db.query("INSERT INTO agents (id, workspace_id, name, role) VALUES ($1, $2, $3, $4)", [uuidv7(), workspaceId, role, role]);
    }
  });
  return { database, workspaceId };
}

type FirstRun = { runId: string; isOver: boolean };

/** A run of two tasks in a row, as the first release wrote it: over, or with the first call of its first task due. */
async function fillAsFirstRelease(database: Database, workspaceId: string, { runId, isOver }: FirstRun): Promise<void> {
  const [root, attempt, budget] = [uuidv7(), uuidv7(), uuidv7()];
  const tasks = [uuidv7(), uuidv7()] as const;
  const model = { model: "local:scripted", prompt: { name: "executor", version: 1 }, max_output_tokens: 100, temperature: null };
  const common = { ...model, variables: { goal: "Do a" }, inputs: [], tools: [] };
  await database.transact({ role: "app", workspaceId, userId: workspaceId }, async (db) => {
    const { rows } = await db.query("SELECT id FROM agents WHERE workspace_id = $1 AND role = 'executor'", [workspaceId]);
    const [agent] = z.tuple([z.object({ id: z.uuid() })]).parse(rows);
    const keep = async (body: object) => {
      const id = uuidv7();
      const sha256 = hashJson(z.json().parse(body));
      await db.query("INSERT INTO payloads (id, workspace_id, run_id, sha256, body) VALUES ($1, $2, $3, $4, $5)", [
        id,
        workspaceId,
        runId,
        sha256,
        body,
      ]);
      return { id, sha256 };
    };
    await db.query(
      `INSERT INTO runs (id, workspace_id, user_id, root_task_id, goal, status, phase, plan_version, open_tasks, event_seq, phase_token, budget_id,
        options, deadline, started_at, finished_at)
      VALUES ($1, $2, $2, $3, 'an old goal', $4, $5, 1, $6, 2, $7, $8, $9, now() + interval '1 day', now(), $10)`,
      [
        runId,
        workspaceId,
        root,
        isOver ? "completed" : "running",
        isOver ? "end" : "execute",
        isOver ? 0 : 2,
        `${runId}/execute`,
        budget,
        { model: "local:scripted", files: [] },
        isOver ? new Date() : null,
      ],
    );
    await db.query("INSERT INTO budgets (id, workspace_id, scope, run_id, limit_nano) VALUES ($1, $2, 'run', $3, 1000)", [
      budget,
      workspaceId,
      runId,
    ]);
    const last = isOver ? { type: "run-completed", result_sha256: "0".repeat(64) } : { type: "phase-started", phase: "execute" };
    const facts = JSON.stringify([{ type: "run-created", goal_sha256: hashJson("an old goal"), budget_usd: null }, last]);
    await db.query("INSERT INTO run_events (run_id, first, count, workspace_id, facts, created_at) VALUES ($1, 1, 2, $2, $3, now())", [
      runId,
      workspaceId,
      facts,
    ]);
    const insertTask = `INSERT INTO tasks (id, workspace_id, user_id, run_id, parent_task_id, kind, ordinal, name, status, pending_dependencies, attempts, agent_id, started_at)
      VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())`;
    await db.query(insertTask, [root, workspaceId, runId, null, "goal", 0, "goal", isOver ? "completed" : "in_progress", 0, 0, null]);
    const statuses = isOver ? ["completed", "completed"] : ["in_progress", "pending"];
    for (const [index, id] of tasks.entries()) {
      const waiting = isOver ? 0 : index;
      const row = [
        id,
        workspaceId,
        runId,
        root,
        "executor",
        index + 1,
        `Task ${index + 1}`,
        statuses[index],
        waiting,
        1 - waiting,
        agent.id,
      ];
      await db.query(insertTask, row);
    }
    await db.query("INSERT INTO task_dependencies (task_id, depends_on, workspace_id, run_id) VALUES ($1, $2, $3, $4)", [
      tasks[1],
      tasks[0],
      workspaceId,
      runId,
    ]);
    if (isOver) return;
    const briefing = await keep({ role: "executor", ...common });
    const request = await keep({ ...common, turns: [] });
    await db.query(
      "INSERT INTO task_attempts (id, workspace_id, run_id, task_id, number, agent_id, briefing_payload_id, started_at) VALUES ($1, $2, $3, $4, 1, $5, $6, now())",
      [attempt, workspaceId, runId, tasks[0], agent.id, briefing.id],
    );
    await db.query("UPDATE agents SET current_task_count = 1 WHERE id = $1", [agent.id]);
    await db.query(
      `INSERT INTO effects (id, workspace_id, run_id, task_id, attempt_id, seq, kind, safety, request_payload_id, request_sha256, created_at)
      VALUES ($1, $2, $3, $4, $5, 0, 'llm', 'repeatable', $6, $7, now())`,
      [uuidv7(), workspaceId, runId, tasks[0], attempt, request.id, request.sha256],
    );
  });
}
