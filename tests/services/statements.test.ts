import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { findApiKeyHash, insertApiKey, listApiKeys, revokeApiKey } from "../../shared/auth/sql/api-keys.ts";
import { findLogin, findUser, insertSession, insertUser, isAnybodyRegistered, isLoginTaken } from "../../shared/auth/sql/users.ts";
import { findRecalled } from "../../shared/memory/sql/find-recalled.ts";
import { findMemory, listMemories, searchMemories } from "../../shared/memory/sql/read-memories.ts";
import { deleteMemory, insertMemory } from "../../shared/memory/sql/write-memory.ts";
import { readApprovalRules } from "../../shared/orchestration/approvals/sql/read-approval-rules.ts";
import { readOpenItems } from "../../shared/orchestration/approvals/sql/read-open-items.ts";
import {
  findBudget,
  findMembership,
  listBudgets,
  lockWorkspaceBudget,
  openBudget,
  updateDayLimit,
  updateLimit,
} from "../../shared/orchestration/budgets/sql.ts";
import { openBoard } from "../../shared/orchestration/domain/board.ts";
import { findGivenPlan } from "../../shared/orchestration/plans/sql.ts";
import { insertDefaultAgents, insertWorkspaceBudget, listAssignments, readPoolByRole } from "../../shared/orchestration/sql/agents.ts";
import { applyBoard } from "../../shared/orchestration/sql/apply-board.ts";
import { BOARD_SECTIONS } from "../../shared/orchestration/sql/board-sections.ts";
import { findCall, insertCall } from "../../shared/orchestration/sql/calls.ts";
import { claimEffects, extendLeases, readAnsweredEffects, readPayloads } from "../../shared/orchestration/sql/claim-effects.ts";
import { readExecution, takeOverRuns } from "../../shared/orchestration/sql/executions.ts";
import { findRootTask, insertRun } from "../../shared/orchestration/sql/insert-run.ts";
import { lockBatch } from "../../shared/orchestration/sql/lock-batch.ts";
import { lockRun, raiseWatchdog, readOpenRows, readWatch } from "../../shared/orchestration/sql/lock-run.ts";
import { RARE_SECTIONS } from "../../shared/orchestration/sql/rare-sections.ts";
import { hasFact, readFacts } from "../../shared/orchestration/sql/read-events.ts";
import { readIdleJournals, readJournalsOfEffects } from "../../shared/orchestration/sql/read-journals.ts";
import { readOverdueJournals } from "../../shared/orchestration/sql/read-overdue-journals.ts";
import { listAgentsOfRun, readPool } from "../../shared/orchestration/sql/read-pool.ts";
import { findRunState } from "../../shared/orchestration/sql/read-run-state.ts";
import { findRun } from "../../shared/orchestration/sql/read-runs.ts";
import { readBacklogOfAgents, readFollowing, readReadyOfRuns, readStartable } from "../../shared/orchestration/sql/read-startable.ts";
import type { Actor, Database, Queryable } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/seed-tools.ts";
import { upsertTools } from "../../shared/tools/sql.ts";
import { readUsage } from "../../shared/usage/sql.ts";
import { listRepositoryFiles } from "../architecture/source-file.ts";
import { reachExecution } from "../world/reach-execution.ts";
import { planOf } from "../world/scripted-hands.ts";
import { controlStatements } from "./control-statements.ts";
import { type FilledWorkspace, fillWorkspace } from "./filled-workspace.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";
import { inboxStatements } from "./inbox-statements.ts";
import { plannerStatements } from "./planner-statements.ts";
import { poolStatements } from "./pool-statements.ts";

let fresh: FreshDatabase;
let filled: FilledWorkspace;
let here: Place;
const texts = new Set<string>();

/** What is in the database, by the names that the calls below use: one run that completed, and one in the middle. */
type Place = {
  workspaceId: string;
  runId: string;
  payloadIds: string[];
  answeredAttempt: string;
  memoryId: string;
  apiKeyId: string;
  agentId: string;
  /** Of the run in the middle: a task that runs with an effect that is due, one that waits for room, and one that waits for the first. */
  midRunId: string;
  running: { taskId: string; attemptId: string; effectId: string };
  ready: string;
  child: string;
};

beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  filled = await fillWorkspace(listeningTo(fresh.deployed));
  here = await stopInTheMiddle(filled);
});
afterAll(() => fresh.drop());

/** The same database, which notes every statement. */
function listeningTo(database: Database): Database {
  return {
    ...database,
    transact: (actor, work) =>
      database.transact(actor, (db) =>
        work({
          query(text, values) {
            texts.add(text);
            return db.query(text, values);
          },
        }),
      ),
  };
}

async function stopInTheMiddle({ world, runId, actor }: FilledWorkspace): Promise<Place> {
  const script = { plan: planOf({ running: [], ready: [], child: ["running"] }) };
  await fresh.database.transact(actor, (db) => db.query("UPDATE agents SET max_concurrent_tasks = 1 WHERE role = 'executor'"));
  const midRunId = await reachExecution(world, script);
  await fresh.database.transact(actor, (db) => db.query("UPDATE agents SET max_concurrent_tasks = 2 WHERE role = 'executor'"));
  const ids = await fresh.database.transact(actor, async (db) => {
    const { rows } = await db.query(
      `SELECT ARRAY(SELECT id FROM payloads WHERE run_id = $1) AS "payloadIds",
        (SELECT attempt_id FROM effects WHERE run_id = $1 AND kind = 'tool' LIMIT 1) AS "answeredAttempt",
        (SELECT id FROM memories LIMIT 1) AS "memoryId", (SELECT id FROM api_keys LIMIT 1) AS "apiKeyId",
        (SELECT id FROM agents WHERE role = 'executor') AS "agentId",
        (SELECT jsonb_build_object('taskId', task_id, 'attemptId', attempt_id, 'effectId', id) FROM effects WHERE run_id = $2 AND state = 'due') AS running,
        (SELECT id FROM tasks WHERE run_id = $2 AND name = 'Task ready') AS ready,
        (SELECT id FROM tasks WHERE run_id = $2 AND name = 'Task child') AS child`,
      [runId, midRunId],
    );
    return z.tuple([Ids]).parse(rows)[0];
  });
  return { workspaceId: actor.workspaceId, runId, midRunId, ...ids };
}

const Ids = z.object({
  payloadIds: z.array(z.uuid()),
  answeredAttempt: z.uuid(),
  memoryId: z.uuid(),
  apiKeyId: z.uuid(),
  agentId: z.uuid(),
  running: z.object({ taskId: z.uuid(), attemptId: z.uuid(), effectId: z.uuid() }),
  ready: z.uuid(),
  child: z.uuid(),
});

type Call = (db: Queryable) => Promise<unknown>;
const now = new Date();
const later = new Date(now.getTime() + 60_000);
const everything = { limit: 10, before: undefined, after: undefined, status: undefined, memoryType: undefined, scope: undefined };
const scope = () => ({
  runIds: [here.midRunId],
  attemptIds: [here.running.attemptId],
  effectIds: [here.running.effectId],
  startIds: [here.ready],
  completingIds: [here.running.taskId],
  failingIds: [here.running.taskId],
  now,
});
const message = () => ({ effect_id: here.running.effectId, try: 1 });

const callId = uuidv7();
const callTool: Call = (db) =>
  insertCall(db, {
    run_id: callId,
    task_id: uuidv7(),
    budget_id: uuidv7(),
    workspace_id: here.workspaceId,
    user_id: here.workspaceId,
    agent_id: here.agentId,
    tool: "read_file",
    goal: "Call read_file",
    goal_sha256: "3".repeat(64),
    request: { id: uuidv7(), sha256: "4".repeat(64), body: {} },
    options: { model: "local:scripted", files: [], call: { payload_id: uuidv7(), workspace_run_id: here.runId } },
    now,
    deadline: later,
  });

/** Every statement as the role that sends it, on rows that are there. A reader that finds nothing proves nothing, and fails. */
const app: Record<string, Call> = {
  insertApiKey: (db) =>
    insertApiKey(db, {
      id: uuidv7(),
      workspaceId: here.workspaceId,
      userId: here.workspaceId,
      name: "another",
      prefix: "cos_",
      sha256: "1".repeat(64),
      scopes: ["runs:read"],
      createdAt: now,
      expiresAt: later,
    }),
  listApiKeys: (db) => listApiKeys(db, { userId: here.workspaceId, before: undefined, limit: 10 }),
  findApiKeyHash: (db) => findApiKeyHash(db, here.workspaceId, here.apiKeyId),
  revokeApiKey: (db) => revokeApiKey(db, here.apiKeyId, now),
  findLogin: (db) => findLogin(db, `${here.workspaceId}@example.org`),
  isAnybodyRegistered,
  isLoginTaken: (db) => isLoginTaken(db, `${here.workspaceId}@example.org`, "nobody"),
  findUser: (db) => findUser(db, here.workspaceId),
  insertSession: (db) =>
    insertSession(db, {
      id: uuidv7(),
      workspaceId: here.workspaceId,
      userId: here.workspaceId,
      tokenSha256: uuidv7(),
      expiresAt: later,
      createdAt: now,
      ipAddress: undefined,
      userAgent: undefined,
    }),
  findRecalled: (db) =>
    findRecalled(db, { workspaceId: here.workspaceId, userId: here.workspaceId, text: "fill every table", limit: 5, now }),
  findMemory: (db) => findMemory(db, { userId: here.workspaceId, now, id: here.memoryId }),
  listMemories: (db) => listMemories(db, { ...everything, userId: here.workspaceId, now }),
  searchMemories: (db) => searchMemories(db, { ...everything, userId: here.workspaceId, now, query: "fill table" }),
  deleteMemory: (db) => deleteMemory(db, here.workspaceId, here.memoryId),
  insertMemory: (db) =>
    insertMemory(db, {
      id: uuidv7(),
      workspaceId: here.workspaceId,
      userId: here.workspaceId,
      createdAt: now,
      content: "remember",
      memory_type: "semantic",
      scope: "user",
      metadata: {},
      confidence: 1,
      is_sensitive: false,
    }),
  ...poolStatements(() => here).app,
  readPoolByRole,
  listAssignments: (db) => listAssignments(db, { ...everything, agentId: here.agentId, taskId: undefined }),
  findRun: (db) => findRun(db, here.runId),
  findRunState: (db) => findRunState(db, here.runId),
  ...plannerStatements(() => here),
  readFacts: (db) => readFacts(db, here.runId, 3),
  hasFact: (db) => hasFact(db, here.runId, { type: "run-completed" }),
  ...controlStatements(() => here),
  findRootTask: (db) => findRootTask(db, here.runId),
  insertCall: callTool,
  async findCall(db) {
    await callTool(db);
    return findCall(db, callId);
  },
  ...inboxStatements(() => here),
  listBudgets: (db) => listBudgets(db, "2026-01-31"),
  findBudget: (db) => findBudget(db, { scope: "workspace" }),
  findMembership: (db) => findMembership(db, here.workspaceId),
  lockWorkspaceBudget: (db) => lockWorkspaceBudget(db, here.workspaceId),
  updateLimit: (db) => updateLimit(db, { scope: "workspace" }, 1n),
  updateDayLimit: (db) => updateDayLimit(db, undefined, 1n),
  openBudget: (db) => openBudget(db, { id: uuidv7(), workspaceId: here.workspaceId, scope: "user", userId: here.workspaceId, limit: null }),
  readUsage: (db) => readUsage(db, { from: new Date(0).toISOString(), to: later.toISOString() }),
  insertRun: (db) =>
    insertRun(db, {
      run_id: uuidv7(),
      root_task_id: uuidv7(),
      budget_id: uuidv7(),
      workspace_id: here.workspaceId,
      user_id: here.workspaceId,
      goal: "another",
      goal_sha256: "2".repeat(64),
      options: { model: "local:scripted", files: [{ path: "a.csv", bytes: 1 }] },
      replans: 1,
      plan: { id: uuidv7(), sha256: "5".repeat(64), body: {} },
      limit_nano: 1n,
      limit_usd: "0.000000001",
      now,
      deadline: later,
    }),
};

const setDeadlines = (db: Queryable) => db.query("UPDATE task_attempts SET deadline_at = $1", [now]);
const engine: Record<string, Call> = {
  claimEffects: (db) => claimEffects(db, [message()], 90, now),
  extendLeases: async (db) => {
    const leases = await claimEffects(db, [message()], 90, now);
    const answers = await extendLeases(db, leases, 90, now);
    return answers.filter((answer) => !answer.stop);
  },
  readPayloads: (db) => readPayloads(db, here.payloadIds),
  readAnsweredEffects: (db) => readAnsweredEffects(db, [here.answeredAttempt]),
  takeOverRuns: (db) => takeOverRuns(db, now),
  readJournalsOfEffects: (db) => readJournalsOfEffects(db, [here.running.effectId]),
  readOverdueJournals: (db) => setDeadlines(db).then(() => readOverdueJournals(db, here.midRunId, now)),
  readIdleJournals: async (db) => {
    await db.query("UPDATE effects SET state = 'cancelled' WHERE id = $1", [here.running.effectId]);
    return readIdleJournals(db, here.midRunId);
  },
  findGivenPlan: async (db) => {
    const options = JSON.stringify({ plan_payload_id: here.payloadIds[0] });
    await db.query("UPDATE runs SET plan_version = 0, options = options || $2::jsonb WHERE id = $1", [here.midRunId, options]);
    return findGivenPlan(db, here.midRunId);
  },
  ...poolStatements(() => here).engine,
  readPool: (db) => readPool(db, [here.workspaceId]),
  listAgentsOfRun: (db) => listAgentsOfRun(db, here.midRunId),
  readFollowing: (db) =>
    readFollowing(db, { agents: [{ agent_id: here.agentId, leaving: 1 }], starting: [], completed: [here.running.taskId], now }),
  readStartable: (db) => readStartable(db, [here.ready], now),
  readReadyOfRuns: (db) => readReadyOfRuns(db, [here.midRunId], now),
  readBacklogOfAgents: (db) => readBacklogOfAgents(db, [{ agent_id: here.agentId, leaving: 0 }], now),
};

/** Sent by both: a person's change of a run takes the locks of a batch. */
const both: Record<string, Call> = {
  lockBatch: async (db) => Object.values(await lockBatch(db, scope())).filter((rows) => rows.length > 0),
  lockRun: (db) => lockRun(db, here.midRunId),
  readWatch: (db) => readWatch(db, here.midRunId, now),
  readOpenItems: (db) => readOpenItems(db, here.runId),
  readApprovalRules: (db) => readApprovalRules(db, [here.workspaceId]),
  raiseWatchdog: (db) => raiseWatchdog(db, here.midRunId, 1),
  readOpenRows: (db) => readOpenRows(db, here.midRunId),
  readExecution: (db) => readExecution(db, here.midRunId, now),
  applyBoard: async (db) => applyBoard(db, openBoard(await lockBatch(db, scope()), { now, newId: uuidv7 })),
};

const stranger = uuidv7();
const others: [string, Actor, Call][] = [
  ["upsertTools", { role: "owner" }, (db) => upsertTools(db, seedTools, uuidv7)],
  // A new person is in the workspace that is being made.
  ...(["insertUser", "insertDefaultAgents", "insertWorkspaceBudget"] as const).map((name): [string, Actor, Call] => [
    name,
    { role: "app", workspaceId: stranger, userId: stranger },
    async (db) => {
      await insertUser(db, { id: stranger, email: "s@example.org", username: "s", passwordHash: "x", workspaceName: "s", createdAt: now });
      const agent = {
        id: uuidv7(),
        name: "one",
        role: "executor",
        capabilities: ["read_file"],
        max_concurrent_tasks: 1,
        temperature: 0.5,
        max_tokens: 1,
      };
      if (name === "insertDefaultAgents") await insertDefaultAgents(db, stranger, [agent]);
      if (name === "insertWorkspaceBudget") await insertWorkspaceBudget(db, { id: uuidv7(), workspaceId: stranger });
    },
  ]),
];

const WRITES_ONLY = /^(?:insert(?!Run$)|lockRuns|lockWorkspace|moveTasks|revoke|updateWorkspaceRoom|upsert|apply)/;

function isFound(result: unknown): boolean {
  if (result instanceof Map) return result.size > 0;
  if (Array.isArray(result)) return result.length > 0;
  return result !== undefined && result !== null && result !== false;
}

/** Calls in a transaction that leaves nothing behind. */
async function tryOut(actor: Actor, call: Call): Promise<unknown> {
  const undo = new Error("undo");
  let result: unknown;
  const database = actor.role === "owner" ? fresh.owner : fresh.deployed;
  await database
    .transact(actor, async (db) => {
      result = await call(db);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return result;
}

describe("a statement of the code fits the schema, its rights and its rows", () => {
  const expectFound = async (name: string, actor: Actor, call: Call) => {
    const result = await tryOut(actor, call);

    expect(WRITES_ONLY.test(name) || isFound(result), `${name} finds what is there`).toBe(true);
  };
  test.each(Object.entries({ ...app, ...both }))("%s, as app", (name, call) => expectFound(name, filled.actor, call));
  test.each(Object.entries({ ...engine, ...both }))("%s, as engine", (name, call) =>
    expectFound(name, { role: "engine", workspaceId: here.workspaceId }, call),
  );
  test.each(others)("%s", (name, actor, call) => expectFound(name, actor, call));
});

const allSections = [...BOARD_SECTIONS, ...RARE_SECTIONS];

describe("a section of the apply statement", () => {
  test.each(allSections.map((section) => [section.name, section] as const))(
    "%s fits the schema and the rights of both roles",
    async (_, section) => {
      const text = `WITH section AS (${section.sql.replaceAll("$rows", "$2")}) SELECT $1::timestamptz AS at`;
      for (const actor of [filled.actor, { role: "engine" } as const]) {
        expect(await tryOut(actor, async (db) => (await db.query(text, [now, "[]"])).rows)).toEqual([{ at: now }]);
      }
    },
  );

  test("is written by some run: none of them is never tried on rows", () => {
    const written = [...texts].join("\n");

    expect(allSections.filter((section) => !written.includes(`${section.name} AS (`)).map((section) => section.name)).toEqual([]);
  });
});

test("no function that sends a statement is missing here", async () => {
  const files = listRepositoryFiles().filter((file) => /^shared\/[^/]+\/sql(?:\.ts|\/[\w-]+\.ts)$/.test(file));
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(path.resolve(file)).href) as Promise<Record<string, unknown>>),
  );
  const exported = modules.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (typeof value === "function" ? [name] : [])),
  );
  const tried = new Set([...Object.keys({ ...app, ...engine, ...both }), ...others.map(([name]) => name)]);

  expect(files.length).toBeGreaterThan(15);
  expect(exported.filter((name) => !tried.has(name))).toEqual([]);
});
