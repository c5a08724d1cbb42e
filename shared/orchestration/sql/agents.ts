import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";
import { AgentRole, AgentStatus } from "../contracts/agents.ts";

/** Of a stored time inside JSON, whatever zone the session writes it in. */
const JsonTime = z.string().transform((text) => new Date(text).toISOString());

const AgentRecord = z.object({
  id: z.uuid(),
  name: z.string(),
  role: AgentRole,
  /** As somebody set it: `offline` is retired. What a person sees follows from load and health. */
  status: AgentStatus,
  capabilities: z.array(z.string()),
  max_concurrent_tasks: z.int(),
  current_task_count: z.int(),
  prompt_version: z.string(),
  model: z.string(),
  temperature: z.number().nullable(),
  max_tokens: z.int(),
  last_active_at: TimestampColumn.nullable(),
  consecutive_failures: z.int(),
  cool_down_until: TimestampColumn.nullable(),
  last_failure: z.object({ code: z.string(), at: JsonTime }).nullable(),
});
export type AgentRecord = z.infer<typeof AgentRecord>;

const AGENT = `id, name, role, status, capabilities, max_concurrent_tasks, current_task_count, prompt_version, model,
  temperature::text::float8, max_tokens, last_active_at, consecutive_failures, cool_down_until, last_failure`;

/** Agents of the workspace, retired ones too: those of a role, those with a capability, or all. */
export async function listAgents(
  db: Queryable,
  filter: { role: AgentRole | undefined; capability: string | undefined },
): Promise<AgentRecord[]> {
  const { rows } = await db.query(
    `SELECT ${AGENT} FROM agents
    WHERE ($1::agent_role IS NULL OR role = $1) AND ($2::text IS NULL OR $2 = ANY (capabilities)) ORDER BY role, id`,
    [filter.role ?? null, filter.capability ?? null],
  );
  return z.array(AgentRecord).parse(rows);
}

/** Undefined when the workspace has no such agent. */
export async function findAgent(db: Queryable, agentId: string): Promise<AgentRecord | undefined> {
  const { rows } = await db.query(`SELECT ${AGENT} FROM agents WHERE id = $1`, [agentId]);
  return z.array(AgentRecord).parse(rows)[0];
}

const Work = z.object({
  waiting: z.int(),
  assignments: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  mean_duration_seconds: z.number().nullable(),
});

/** What waits for an agent, and what became of its last `limit` assignments. */
export async function readWork(db: Queryable, agentId: string, limit: number): Promise<z.infer<typeof Work>> {
  const { rows } = await db.query(
    `SELECT (SELECT count(*)::int FROM tasks t JOIN runs r ON r.id = t.run_id AND r.status = 'running'
        WHERE t.agent_id = $1 AND t.status = 'pending' AND t.pending_dependencies = 0) AS waiting,
      count(*)::int AS assignments, count(*) FILTER (WHERE status = 'completed')::int AS completed,
      count(*) FILTER (WHERE status = 'failed')::int AS failed,
      count(*) FILTER (WHERE status = 'cancelled')::int AS cancelled,
      (avg(EXTRACT(EPOCH FROM finished_at - started_at)) FILTER (WHERE status = 'completed'))::float8 AS mean_duration_seconds
    FROM (SELECT status, started_at, finished_at FROM task_attempts WHERE agent_id = $1 ORDER BY id DESC LIMIT $2) recent`,
    [agentId, limit],
  );
  return z.tuple([Work]).parse(rows)[0];
}

const PoolRow = z.object({ role: z.string(), agents: z.int(), capacity: z.int(), running: z.int(), waiting: z.int() });

/** The pool by role; `waiting` counts tasks that are ready and wait for room. */
export async function readPoolByRole(db: Queryable): Promise<z.infer<typeof PoolRow>[]> {
  const { rows } = await db.query(
    `SELECT a.role::text, count(*)::int AS agents, sum(a.max_concurrent_tasks)::int AS capacity, sum(a.current_task_count)::int AS running,
      sum((SELECT count(*) FROM tasks t JOIN runs r ON r.id = t.run_id AND r.status = 'running'
        WHERE t.agent_id = a.id AND t.status = 'pending' AND t.pending_dependencies = 0 AND NOT t.is_paused))::int AS waiting
    FROM agents a GROUP BY a.role ORDER BY a.role`,
    [],
  );
  return z.array(PoolRow).parse(rows);
}

const WorkspaceRoom = z.object({ running_tasks: z.int(), max_running_tasks: z.int() });
export type WorkspaceRoom = z.infer<typeof WorkspaceRoom>;

/** How many tasks of the workspace run at once, and may. */
export async function readWorkspaceRoom(db: Queryable): Promise<WorkspaceRoom> {
  const { rows } = await db.query("SELECT running_tasks, max_running_tasks FROM budgets WHERE scope = 'workspace'", []);
  return z.tuple([WorkspaceRoom]).parse(rows)[0];
}

const AssignmentRow = z.object({
  id: z.uuid(),
  agent_id: z.uuid(),
  task_id: z.uuid(),
  assigned_at: TimestampColumn,
  started_at: TimestampColumn.nullable(),
  completed_at: TimestampColumn.nullable(),
  result: JsonValue,
});

/** Assignments of the workspace, newest first, after the assignment `before`. */
export async function listAssignments(
  db: Queryable,
  filter: { agentId: string | undefined; taskId: string | undefined; before: string | undefined; limit: number },
): Promise<z.infer<typeof AssignmentRow>[]> {
  const { rows } = await db.query(
    `SELECT id, agent_id, task_id, assigned_at, started_at, completed_at, result FROM agent_task_assignments
    WHERE ($1::uuid IS NULL OR agent_id = $1) AND ($2::uuid IS NULL OR task_id = $2) AND ($3::uuid IS NULL OR id < $3)
    ORDER BY id DESC LIMIT $4`,
    [filter.agentId ?? null, filter.taskId ?? null, filter.before ?? null, filter.limit],
  );
  return z.array(AssignmentRow).parse(rows);
}

/** The four agents that every workspace begins with. */
export async function insertDefaultAgents(
  db: Queryable,
  workspaceId: string,
  agents: readonly {
    id: string;
    name: string;
    role: string;
    capabilities: readonly string[];
    max_concurrent_tasks: number;
    temperature: number;
    max_tokens: number;
  }[],
): Promise<void> {
  await db.query(
    `INSERT INTO agents (id, workspace_id, name, role, capabilities, max_concurrent_tasks, temperature, max_tokens)
    SELECT id, $1, name, role, capabilities, max_concurrent_tasks, temperature, max_tokens
    FROM jsonb_to_recordset($2::jsonb) AS a (id uuid, name text, role agent_role, capabilities text[], max_concurrent_tasks int, temperature real, max_tokens int)`,
    [workspaceId, JSON.stringify(agents)],
  );
}

/** A workspace's own budget row, which every hold of its runs also counts against. No limit until somebody sets one. */
export async function insertWorkspaceBudget(db: Queryable, budget: { id: string; workspaceId: string }): Promise<void> {
  await db.query("INSERT INTO budgets (id, workspace_id, scope) VALUES ($1, $2, 'workspace')", [budget.id, budget.workspaceId]);
}
