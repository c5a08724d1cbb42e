import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import type { PoolAgent } from "../domain/choose-agent.ts";

const PoolRow = z.object({
  workspace_id: z.uuid(),
  id: z.uuid(),
  name: z.string(),
  role: z.string(),
  status: z.string(),
  capabilities: z.array(z.string()),
  current_task_count: z.int(),
  max_concurrent_tasks: z.int(),
  model: z.string(),
  consecutive_failures: z.int(),
  cool_down_until: TimestampColumn.nullable(),
  last_failure: z.object({ code: z.string(), at: z.string() }).nullable(),
});

type NamedAgent = PoolAgent & { name: string };

/** The agents of each workspace, by workspace id. */
export async function readPool(db: Queryable, workspaceIds: readonly string[]): Promise<Map<string, NamedAgent[]>> {
  const { rows } = await db.query(
    `SELECT workspace_id, id, name, role, status, capabilities, current_task_count, max_concurrent_tasks, model, consecutive_failures, cool_down_until,
      last_failure
    FROM agents WHERE workspace_id = ANY ($1) ORDER BY id`,
    [workspaceIds],
  );
  const pools = new Map<string, NamedAgent[]>(workspaceIds.map((id) => [id, []]));
  for (const row of z.array(PoolRow).parse(rows)) pools.get(row.workspace_id)?.push(row);
  return pools;
}

/** Ids of all agents of the workspace of a run. */
export async function listAgentsOfRun(db: Queryable, runId: string): Promise<string[]> {
  return readIds(db, "SELECT a.id FROM runs r JOIN agents a ON a.workspace_id = r.workspace_id WHERE r.id = $1 ORDER BY a.id", runId);
}

/** Ids of all agents of these workspaces. */
export async function listAgentsOfWorkspaces(db: Queryable, workspaceIds: readonly string[]): Promise<string[]> {
  return readIds(db, "SELECT id FROM agents WHERE workspace_id = ANY ($1) ORDER BY id", workspaceIds);
}

async function readIds(db: Queryable, text: string, value: unknown): Promise<string[]> {
  const { rows } = await db.query(text, [value]);
  return z
    .array(z.object({ id: z.uuid() }))
    .parse(rows)
    .map((row) => row.id);
}
