import * as z from "zod";
import { AcceptanceCheck, TaskPolicy } from "../../agents/contracts/task-policy.ts";
import { EffectError, EffectKind, EffectState } from "../../effects/contracts/effect.ts";
import { InputReference } from "../../llm/contract.ts";
import { JsonColumn, JsonObjectColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { ToolRequest } from "../../tools/contracts/tool-request.ts";

const ModelBriefing = z.strictObject({
  role: z.enum(["planner", "executor", "critic", "summarizer"]),
  model: z.string(),
  prompt: z.strictObject({ name: z.string(), version: z.int() }),
  prompt_sha256: z.exactOptional(z.string()),
  max_output_tokens: z.int(),
  temperature: z.number().nullable(),
  variables: JsonObjectColumn,
  inputs: z.array(InputReference),
  tools: z.array(z.string()),
  last_ordinal: z.exactOptional(z.int()),
  acceptance: z.exactOptional(z.array(AcceptanceCheck)),
  spared_attempts: z.exactOptional(z.int()),
});

export const StoredBriefing = z.discriminatedUnion("role", [
  ModelBriefing,
  z.strictObject({ role: z.literal("caller"), call: ToolRequest }),
]);

export const JournaledEffect = z.object({
  id: z.uuid(),
  seq: z.int(),
  kind: EffectKind,
  state: EffectState,
  lease_token: z.uuid().nullable(),
  request_sha256: z.string(),
  /** The model of an LLM call, the tool of a tool call. */
  model: z.string().nullable(),
  tool: z.string().nullable(),
  result: JsonColumn,
  error: EffectError.nullable(),
});
export type JournaledEffect = z.infer<typeof JournaledEffect>;

export const AttemptJournal = z.object({
  attempt_id: z.uuid(),
  number: z.int(),
  version: z.int(),
  status: z.string(),
  run_id: z.uuid(),
  run_status: z.string(),
  epoch: z.int(),
  workspace_id: z.uuid(),
  user_id: z.uuid(),
  task_id: z.uuid(),
  task_kind: z.enum(["planner", "executor", "critic", "summarizer", "call"]),
  agent_id: z.uuid(),
  /** What stands behind an agent whose model is 'default'. */
  default_model: z.string(),
  policy: TaskPolicy,
  required_capabilities: z.array(z.string()),
  input_bytes: z.int(),
  briefing: StoredBriefing,
  effects: z.array(JournaledEffect),
});
export type AttemptJournal = z.infer<typeof AttemptJournal>;

export const SELECT_JOURNALS = `
  SELECT a.id AS attempt_id, a.number, a.version, a.status, a.run_id, r.status AS run_status, r.epoch, r.workspace_id, r.user_id, a.task_id,
    t.kind AS task_kind, a.agent_id, t.policy, t.required_capabilities, r.options ->> 'model' AS default_model, b.body AS briefing,
    COALESCE((
      SELECT sum(octet_length(i.body::text)) FROM payloads i
      WHERE i.id = ANY (ARRAY(SELECT (input -> 'result' ->> 'payload_id')::uuid FROM jsonb_array_elements(b.body -> 'inputs') input))
    ), 0)::int AS input_bytes,
    COALESCE((
      SELECT jsonb_agg(jsonb_build_object('id', e.id, 'seq', e.seq, 'kind', e.kind, 'state', e.state, 'lease_token', e.lease_token,
        'request_sha256', e.request_sha256, 'model', request.body ->> 'model', 'tool', request.body ->> 'tool', 'result', result.body,
        'error', e.error) ORDER BY e.seq)
      FROM effects e
      JOIN payloads request ON request.id = e.request_payload_id
      LEFT JOIN payloads result ON result.id = e.result_payload_id
      WHERE e.attempt_id = a.id
    ), '[]') AS effects
  FROM task_attempts a
  JOIN runs r ON r.id = a.run_id
  JOIN tasks t ON t.id = a.task_id
  JOIN payloads b ON b.id = a.briefing_payload_id`;

/** The attempts that own these effects, each with its version and its journal from one snapshot. */
export async function readJournalsOfEffects(db: Queryable, effectIds: readonly string[]): Promise<AttemptJournal[]> {
  const { rows } = await db.query(`${SELECT_JOURNALS} WHERE a.id = ANY (ARRAY(SELECT attempt_id FROM effects WHERE id = ANY ($1)))`, [
    effectIds,
  ]);
  return z.array(AttemptJournal).parse(rows);
}

/** Attempts of a run that are running and wait for nothing: a crash or a budget stopped them between two steps. */
export async function readIdleJournals(db: Queryable, runId: string): Promise<AttemptJournal[]> {
  const { rows } = await db.query(
    `${SELECT_JOURNALS} WHERE a.run_id = $1 AND a.status = 'running' AND NOT t.is_paused
      AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.attempt_id = a.id AND e.state IN ('due', 'running', 'unknown', 'parked'))`,
    [runId],
  );
  return z.array(AttemptJournal).parse(rows);
}
