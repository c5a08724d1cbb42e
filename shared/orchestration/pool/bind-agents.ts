import * as z from "zod";
import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../../platform/api/cursor.ts";
import type { Identity } from "../../platform/api/route.ts";
import type { Database, Queryable } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import * as routes from "../contracts/agents.ts";
import type { RunDeps } from "../deps.ts";
import { type AgentRecord, findAgent, listAgents, listAssignments, readPoolByRole, readWork, readWorkspaceRoom } from "../sql/agents.ts";
import { viewAgent } from "./view-agent.ts";

/** Assignments that a status tells of. */
const RECENT_ASSIGNMENTS = 50;

/** Most requests read. What changes the pool is loaded by those who do. */
export function bindAgents(openDb: () => Promise<Database>, openRuns: () => Promise<RunDeps>): Binding[] {
  return [...bindReading(openDb), ...bindWriting(openRuns)];
}

function bindReading(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(routes.listAgents, async ({ identity, query, now }) => {
      const db = await openDb();
      const filter = { role: query.role, capability: query.capability };
      const records = await db.transact(actorOf(identity), (connection) => listAgents(connection, filter));
      const agents = records.map((record) => viewAgent(record, now));
      return { body: { agents: query.status === undefined ? agents : agents.filter(({ status }) => status === query.status) } };
    }),
    bindRoute(routes.getAgent, async ({ identity, params, now }) => {
      return { body: viewAgent(await getAgent(openDb, identity, params.agent_id), now) };
    }),
    bindRoute(routes.getAgentStatus, async ({ identity, params, now }) => {
      const record = await getAgent(openDb, identity, params.agent_id);
      const db = await openDb();
      const { waiting, ...recent } = await db.transact(actorOf(identity), (connection) =>
        readWork(connection, record.id, RECENT_ASSIGNMENTS),
      );
      const { status, accepts_tasks } = viewAgent(record, now);
      const { consecutive_failures, cool_down_until, last_failure } = record;
      const load = { running: record.current_task_count, capacity: record.max_concurrent_tasks, waiting };
      const health = { consecutive_failures, cool_down_until, last_failure };
      return { body: { agent_id: record.id, status, accepts_tasks, health, load, recent } };
    }),
    bindRoute(routes.getPool, async ({ identity }) => {
      const db = await openDb();
      const read = async (connection: Queryable) => ({ ...(await readWorkspaceRoom(connection)), roles: await readPoolByRole(connection) });
      return { body: await db.transact(actorOf(identity), read) };
    }),
    bindRoute(routes.listAssignments, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const db = await openDb();
      const filter = { agentId: query.agent_id, taskId: query.task_id, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => listAssignments(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
  ];
}

function bindWriting(openRuns: () => Promise<RunDeps>): Binding[] {
  const loadChange = async () => (await import("./change-agent.ts")).changeAgent;
  return [
    bindRoute(routes.registerAgent, async ({ identity, body, now }, id) => {
      const { registerAgent } = await import("./register-agent.ts");
      const record = await registerAgent(await openRuns(), identity, id, body);
      return { body: viewAgent(record, now), headers: { location: `/v1/agents/${id}` } };
    }),
    bindRoute(routes.updateAgent, async ({ identity, params, body, now }) => {
      const change = await loadChange();
      return { body: viewAgent(await change(await openRuns(), identity, params.agent_id, body), now) };
    }),
    bindRoute(routes.updatePool, async ({ identity, body }) => {
      const { changePool } = await import("./change-pool.ts");
      return { body: await changePool(await openRuns(), actorOf(identity), body.max_running_tasks) };
    }),
    bindRoute(routes.retireAgent, async ({ identity, params, now }) => {
      const change = await loadChange();
      return { body: viewAgent(await change(await openRuns(), identity, params.agent_id, { status: "offline" }), now) };
    }),
  ];
}

async function getAgent(openDb: () => Promise<Database>, identity: Identity, agentId: string): Promise<AgentRecord> {
  const db = await openDb();
  const record = await db.transact(actorOf(identity), (connection) => findAgent(connection, agentId));
  if (record === undefined) throw notFound("The agent");
  return record;
}
