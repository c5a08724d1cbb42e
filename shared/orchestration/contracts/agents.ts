import * as z from "zod";
import { ModelName } from "../../llm/contracts/model-name.ts";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonValue } from "../../platform/json.ts";

const Timestamp = z.iso.datetime({ offset: true });

export const AgentRole = z.enum(["planner", "executor", "critic", "summarizer", "custom"]);
export type AgentRole = z.infer<typeof AgentRole>;

export const AgentStatus = z
  .enum(["idle", "active", "busy", "error", "offline"])
  .describe("idle: no task; active: some; busy: no room left; error: cooling down after failures; offline: retired, and nothing runs");
export type AgentStatus = z.infer<typeof AgentStatus>;

export const Agent = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    role: AgentRole,
    status: AgentStatus,
    accepts_tasks: z.boolean().describe("false while it cools down, and once it is retired"),
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

/** Agents of a workspace that are not retired. */
export const MAX_AGENTS = 100;

const Capability = z
  .string()
  .regex(/^[a-z][a-z0-9_.:-]{0,99}$/, "lower-case letters, digits and _.:- such as read_file")
  .describe("the name of a tool, or a word of one's own");

const settings = {
  name: z.string().trim().min(1).max(255),
  capabilities: z
    .array(Capability)
    .max(100)
    .refine((names) => new Set(names).size === names.length, "a capability stands twice"),
  max_concurrent_tasks: z.int().min(1).max(100),
  prompt_version: z.string().regex(/^v[1-9]\d{0,5}$/, "a published version such as v1"),
  model: z.union([z.literal("default"), ModelName]).describe("provider:model, or `default`"),
  temperature: z.number().min(0).max(2).nullable().describe("null: the model's own"),
  max_tokens: z.int().min(1).max(200_000).describe("the most that one answer may have"),
};

export const NewAgent = z
  .strictObject({
    ...settings,
    role: AgentRole.describe("a custom agent carries out tasks whose capabilities it has"),
    capabilities: settings.capabilities.default([]),
    max_concurrent_tasks: settings.max_concurrent_tasks.default(1),
    prompt_version: settings.prompt_version.default("v1"),
    model: settings.model.default("default"),
    temperature: settings.temperature.default(null),
    max_tokens: settings.max_tokens.default(4_096),
  })
  .meta({ id: "NewAgent" });
export type NewAgent = z.infer<typeof NewAgent>;

export const AgentChange = z
  .strictObject({
    ...settings,
    status: z.enum(["idle", "offline"]).describe("idle: back to work, with a clean record; offline: the same as to retire it"),
  })
  .partial()
  .meta({ id: "AgentChange" });
export type AgentChange = z.infer<typeof AgentChange>;

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
  query: z.strictObject({
    role: AgentRole.optional(),
    status: AgentStatus.optional(),
    capability: Capability.optional(),
  }),
  response: z.strictObject({ agents: z.array(Agent) }),
});

const write = { zone: "mind", auth: "user", scopes: ["agents:write"], status: 200 } as const;

export const registerAgent = defineRoute({
  ...write,
  id: "register-agent",
  method: "POST",
  path: "/v1/agents",
  summary: "Add an agent to the pool",
  body: NewAgent,
  idempotent: true,
  status: 201,
  response: Agent,
});

const params = z.strictObject({ agent_id: z.uuid() });

export const getAgent = defineRoute({
  ...read,
  id: "get-agent",
  path: "/v1/agents/{agent_id}",
  summary: "An agent",
  params,
  response: Agent,
});

export const updateAgent = defineRoute({
  ...write,
  id: "update-agent",
  method: "PATCH",
  path: "/v1/agents/{agent_id}",
  summary: "Change an agent; attempts that run keep what they began with",
  params,
  body: AgentChange,
  response: Agent,
});

export const retireAgent = defineRoute({
  ...write,
  id: "retire-agent",
  method: "DELETE",
  path: "/v1/agents/{agent_id}",
  summary: "Give an agent no more tasks: what runs comes to its end, what waits is given to others or fails with `no-agent`",
  params,
  response: Agent,
});

export const getAgentStatus = defineRoute({
  ...read,
  id: "get-agent-status",
  path: "/v1/agents/{agent_id}/status",
  summary: "Health, load and recent outcomes of an agent",
  params,
  response: z
    .strictObject({
      agent_id: z.uuid(),
      status: AgentStatus,
      accepts_tasks: z.boolean(),
      health: z.strictObject({
        consecutive_failures: z.int().describe("failures of its own since the last success; what failed together counts once"),
        cool_down_until: Timestamp.nullable().describe("no task before; then one, as a trial"),
        last_failure: z.strictObject({ code: z.string(), at: Timestamp }).nullable(),
      }),
      load: z.strictObject({ running: z.int(), capacity: z.int(), waiting: z.int().describe("tasks that are ready and wait for it") }),
      recent: z
        .strictObject({
          assignments: z.int(),
          completed: z.int(),
          failed: z.int(),
          cancelled: z.int(),
          mean_duration_seconds: z.number().nullable().describe("of those that completed"),
        })
        .describe("of the last 50 assignments"),
    })
    .meta({ id: "AgentStatusReport" }),
});

const MaxRunningTasks = z.int().min(1).max(10_000).describe("tasks of the workspace that may run at once, on all agents together");

export const getPool = defineRoute({
  ...read,
  id: "get-pool",
  path: "/v1/pool",
  summary: "The pool by role: agents, room and load",
  response: z.strictObject({
    running_tasks: z.int(),
    max_running_tasks: MaxRunningTasks,
    roles: z.array(z.strictObject({ role: z.string(), agents: z.int(), capacity: z.int(), running: z.int(), waiting: z.int() })),
  }),
});

export const updatePool = defineRoute({
  ...write,
  id: "update-pool",
  method: "PATCH",
  path: "/v1/pool",
  summary: "How many tasks of the workspace run at once; what runs already goes on",
  body: z.strictObject({ max_running_tasks: MaxRunningTasks }),
  response: z.strictObject({ running_tasks: z.int(), max_running_tasks: MaxRunningTasks }),
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

export const agentRoutes = [
  listAgents,
  registerAgent,
  getAgent,
  updateAgent,
  retireAgent,
  getAgentStatus,
  getPool,
  updatePool,
  listAssignments,
];
