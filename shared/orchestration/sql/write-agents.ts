import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import type { AgentChange, NewAgent } from "../contracts/agents.ts";

/** Makes those who add agents to this workspace wait for one another, so that what they count stays true. */
export async function lockWorkspace(db: Queryable, workspaceId: string): Promise<void> {
  await db.query("SELECT id FROM workspaces WHERE id = $1 FOR NO KEY UPDATE", [workspaceId]);
}

/** How many agents of the workspace are not retired. */
export async function countAgents(db: Queryable): Promise<number> {
  const { rows } = await db.query("SELECT count(*)::int AS count FROM agents WHERE status <> 'offline'", []);
  return z.tuple([z.object({ count: z.int() })]).parse(rows)[0].count;
}

/** False when there is an agent of this id or this name. */
export async function insertAgent(db: Queryable, agent: NewAgent & { id: string; workspaceId: string }): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO agents (id, workspace_id, name, role, capabilities, max_concurrent_tasks, prompt_version, model, temperature, max_tokens)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
    [
      agent.id,
      agent.workspaceId,
      agent.name,
      agent.role,
      agent.capabilities,
      agent.max_concurrent_tasks,
      agent.prompt_version,
      agent.model,
      agent.temperature,
      agent.max_tokens,
    ],
  );
  return rowCount === 1;
}

/** Sets what `change` names. To set an agent idle forgives it its failures. False when there is no such agent; 23505 when a name is taken. */
export async function updateAgent(db: Queryable, agentId: string, change: AgentChange): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE agents SET name = COALESCE(c.name, agents.name), capabilities = COALESCE(c.capabilities, agents.capabilities),
      max_concurrent_tasks = COALESCE(c.max_concurrent_tasks, agents.max_concurrent_tasks),
      prompt_version = COALESCE(c.prompt_version, agents.prompt_version), model = COALESCE(c.model, agents.model),
      temperature = CASE WHEN $2::jsonb ? 'temperature' THEN c.temperature ELSE agents.temperature END,
      max_tokens = COALESCE(c.max_tokens, agents.max_tokens), status = COALESCE(c.status, agents.status),
      consecutive_failures = CASE WHEN c.status = 'idle' THEN 0 ELSE agents.consecutive_failures END,
      cool_down_until = CASE WHEN c.status = 'idle' THEN NULL ELSE agents.cool_down_until END
    FROM jsonb_to_record($2::jsonb) AS c (name text, capabilities text[], max_concurrent_tasks int, prompt_version text, model text,
      temperature real, max_tokens int, status agent_status)
    WHERE agents.id = $1`,
    [agentId, JSON.stringify(change)],
  );
  return rowCount === 1;
}

/** Runs of the workspace in which something is ready and has not begun, at most `limit`: a change of the pool may concern them. */
export async function listWaitingRuns(db: Queryable, limit: number): Promise<string[]> {
  const { rows } = await db.query(
    `SELECT r.id FROM runs r WHERE r.status = 'running'
      AND EXISTS (SELECT 1 FROM tasks t WHERE t.run_id = r.id AND t.status = 'pending' AND t.pending_dependencies = 0)
    ORDER BY r.id LIMIT $1`,
    [limit],
  );
  return z
    .array(z.object({ id: z.uuid() }))
    .parse(rows)
    .map((row) => row.id);
}

/** Sets how many tasks of the workspace may run at once. Those that run above it go on. */
export async function updateWorkspaceRoom(db: Queryable, maxRunningTasks: number): Promise<void> {
  await db.query("UPDATE budgets SET max_running_tasks = $1 WHERE scope = 'workspace'", [maxRunningTasks]);
}
