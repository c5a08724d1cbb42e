import * as z from "zod";
import { EffectError } from "../../effects/contracts/effect.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";
import { RunStatus } from "../contracts/run-status.ts";
import type { NewPayload } from "../domain/batch.ts";
import type { RunOptions } from "./read-startable.ts";

export type NewCall = {
  run_id: string;
  task_id: string;
  budget_id: string;
  workspace_id: string;
  user_id: string;
  agent_id: string;
  tool: string;
  goal: string;
  goal_sha256: string;
  /** The ToolRequest. */
  request: NewPayload;
  options: RunOptions;
  now: Date;
  deadline: Date;
};

/** Above every plan: a call is short, and whoever made it waits for its answer. */
const SOMEBODY_WAITS = 2_147_483_647;

/** A run that goes on from the beginning, with the call as its root and only task, a budget without limit, and the first fact of its log. */
export async function insertCall(db: Queryable, call: NewCall): Promise<void> {
  const fact = { type: "run-created", goal_sha256: call.goal_sha256, budget_usd: null };
  await db.query(
    `WITH run AS (
        INSERT INTO runs (id, workspace_id, user_id, root_task_id, goal, status, phase, budget_id, options, deadline, event_seq, created_at, updated_at, started_at)
        VALUES ($1, $2, $3, $4, $5, 'running', 'call', $6, $7, $8, 1, $9, $9, $9)),
      task AS (
        INSERT INTO tasks (id, workspace_id, user_id, run_id, kind, name, complexity, required_capabilities, agent_id, priority, created_at)
        VALUES ($4, $2, $3, $1, 'call', $10::text, 'low', ARRAY[$10::text], $11, ${SOMEBODY_WAITS}, $9)),
      budget AS (INSERT INTO budgets (id, workspace_id, scope, run_id, created_at) VALUES ($6, $2, 'run', $1, $9)),
      request AS (INSERT INTO payloads (id, workspace_id, run_id, sha256, body, created_at) VALUES ($12, $2, $1, $13, $14, $9))
    INSERT INTO run_events (run_id, first, count, workspace_id, facts, created_at) VALUES ($1, 1, 1, $2, jsonb_build_array($15::jsonb), $9)`,
    [
      call.run_id,
      call.workspace_id,
      call.user_id,
      call.task_id,
      call.goal,
      call.budget_id,
      JSON.stringify(call.options),
      call.deadline,
      call.now,
      call.tool,
      call.agent_id,
      call.request.id,
      call.request.sha256,
      JSON.stringify(call.request.body),
      JSON.stringify(fact),
    ],
  );
}

const CallRow = z.object({
  id: z.uuid(),
  workspace_run_id: z.uuid(),
  tool: z.string(),
  status: RunStatus,
  result: JsonValue,
  error: EffectError.nullable(),
});
export type CallRow = z.infer<typeof CallRow>;

/** A call from outside with what came of it; undefined when the workspace has no such call. */
export async function findCall(db: Queryable, runId: string): Promise<CallRow | undefined> {
  const { rows } = await db.query(
    `SELECT r.id, r.options #>> '{call,workspace_run_id}' AS workspace_run_id, t.name AS tool, r.status, p.body AS result, r.error
    FROM runs r JOIN tasks t ON t.id = r.root_task_id LEFT JOIN payloads p ON p.id = r.result_payload_id
    WHERE r.id = $1 AND r.options ? 'call'`,
    [runId],
  );
  return z.array(CallRow).parse(rows)[0];
}
