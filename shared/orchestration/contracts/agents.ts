import * as z from "zod";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonValue } from "../../platform/json.ts";

const Timestamp = z.iso.datetime({ offset: true });

export const Agent = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(["planner", "executor", "critic", "summarizer", "custom"]),
    status: z.enum(["idle", "active", "busy", "error", "offline"]).describe("idle: no task; active: some; busy: no room left"),
    capabilities: z.array(z.string()),
    max_concurrent_tasks: z.int(),
    current_task_count: z.int(),
    prompt_version: z.string(),
    model: z.string().describe("provider:model, or `default` for the one that the deployment is configured with"),
    temperature: z.number().nullable(),
    max_tokens: z.int(),
    last_active_at: Timestamp.nullable(),
  })
  .meta({ id: "Agent" });
export type Agent = z.infer<typeof Agent>;

export const Assignment = z
  .strictObject({
    id: z.uuid(),
    agent_id: z.uuid(),
    task_id: z.uuid(),
    assigned_at: Timestamp,
    started_at: Timestamp.nullable(),
    completed_at: Timestamp.nullable(),
    result: JsonValue,
  })
  .meta({ id: "Assignment" });

const read = { method: "GET", zone: "mind", auth: "user", scopes: ["agents:read"], status: 200 } as const;

export const listAgents = defineRoute({
  ...read,
  id: "list-agents",
  path: "/v1/agents",
  summary: "Agents of the workspace",
  response: z.strictObject({ agents: z.array(Agent) }),
});

export const getPool = defineRoute({
  ...read,
  id: "get-pool",
  path: "/v1/pool",
  summary: "The pool by role: agents, room and load",
  response: z.strictObject({
    roles: z.array(z.strictObject({ role: z.string(), agents: z.int(), capacity: z.int(), running: z.int(), waiting: z.int() })),
  }),
});

export const listAssignments = defineRoute({
  ...read,
  id: "list-assignments",
  path: "/v1/assignments",
  summary: "Which agent worked on which task, newest first",
  query: z.strictObject({
    agent_id: z.uuid().optional(),
    task_id: z.uuid().optional(),
    ...pageQuery,
  }),
  response: pageOf(Assignment),
});

export const agentRoutes = [listAgents, getPool, listAssignments];
