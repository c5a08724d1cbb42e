import * as z from "zod";
import type { EffectMessage } from "../../effects/contract.ts";
import { EffectKind, SafetyClass } from "../../effects/contracts/effect.ts";
import { JsonColumn, JsonObjectColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import type { JsonValue } from "../../platform/json.ts";

export const ClaimedRow = z.object({
  effect_id: z.uuid(),
  try: z.int(),
  lease_token: z.uuid(),
  kind: EffectKind,
  safety: SafetyClass,
  workspace_id: z.uuid(),
  user_id: z.uuid(),
  /** The run whose workspace is meant: the effect's own, or the one that a call from outside names. */
  run_id: z.uuid(),
  task_id: z.uuid(),
  attempt_id: z.uuid(),
  request: JsonObjectColumn,
});
export type ClaimedRow = z.infer<typeof ClaimedRow>;

/**
 * Takes the lease of each effect that is still due under the same try: a compare-and-set on the effect's own row. That is enough, because
 * a cancel marks every due row. Effects that were taken, cancelled or sent again are simply absent from the answer.
 */
export async function claimEffects(
  db: Queryable,
  messages: readonly EffectMessage[],
  leaseSeconds: number,
  now: Date,
): Promise<ClaimedRow[]> {
  const { rows } = await db.query(
    `WITH wanted AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS w (effect_id uuid, try int)),
      free AS (
        SELECT e.id FROM effects e JOIN wanted w ON w.effect_id = e.id AND w.try = e.try
        WHERE e.state = 'due' AND e.id = ANY (ARRAY(SELECT effect_id FROM wanted)) ORDER BY e.id FOR NO KEY UPDATE OF e),
      taken AS (
        UPDATE effects SET state = 'running', lease_token = gen_random_uuid(), claimed_at = $2::timestamptz,
          lease_until = $2::timestamptz + make_interval(secs => $3)
        WHERE id IN (SELECT id FROM free)
        RETURNING id, try, lease_token, kind, safety, workspace_id, run_id, task_id, attempt_id, request_payload_id)
    SELECT t.id AS effect_id, t.try, t.lease_token, t.kind, t.safety, t.workspace_id, r.user_id,
      COALESCE((r.options #>> '{call,workspace_run_id}')::uuid, t.run_id) AS run_id, t.task_id, t.attempt_id, p.body AS request
    FROM taken t JOIN runs r ON r.id = t.run_id JOIN payloads p ON p.id = t.request_payload_id ORDER BY t.id`,
    [JSON.stringify(messages), now, leaseSeconds],
  );
  return z.array(ClaimedRow).parse(rows);
}

const ExtendedRow = z.object({ effect_id: z.uuid(), stop: z.boolean() });

/**
 * Prolongs leases that are still held, in id order. `stop` for those that are not, and for runs and attempts that are no longer going on:
 * their answers would be late.
 */
export async function extendLeases(
  db: Queryable,
  leases: readonly { effect_id: string; lease_token: string }[],
  leaseSeconds: number,
  now: Date,
): Promise<z.infer<typeof ExtendedRow>[]> {
  const { rows } = await db.query(
    `WITH asked AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS a (effect_id uuid, lease_token uuid)),
      held AS (
        SELECT e.id, r.status, t.status AS attempt_status FROM effects e JOIN asked a ON a.effect_id = e.id AND a.lease_token = e.lease_token
          JOIN runs r ON r.id = e.run_id JOIN task_attempts t ON t.id = e.attempt_id
        WHERE e.state = 'running' AND e.id = ANY (ARRAY(SELECT effect_id FROM asked)) ORDER BY e.id FOR NO KEY UPDATE OF e),
      kept AS (
        UPDATE effects SET lease_until = $2::timestamptz + make_interval(secs => $3) FROM held
        WHERE effects.id = held.id AND held.status IN ('running', 'paused') AND held.attempt_status = 'running' RETURNING effects.id)
    SELECT a.effect_id, NOT EXISTS (SELECT 1 FROM kept k WHERE k.id = a.effect_id) AS stop FROM asked a`,
    [JSON.stringify(leases), now, leaseSeconds],
  );
  return z.array(ExtendedRow).parse(rows);
}

const PayloadBody = z.object({ id: z.uuid(), body: JsonColumn, erased: z.boolean() });

/** Bodies by id; an erased one comes as the string `erased`. */
export async function readPayloads(db: Queryable, ids: readonly string[]): Promise<Map<string, JsonValue>> {
  const { rows } = await db.query("SELECT id, body, erased_at IS NOT NULL AS erased FROM payloads WHERE id = ANY ($1)", [ids]);
  return new Map(
    z
      .array(PayloadBody)
      .parse(rows)
      .map((row) => [row.id, row.erased ? "erased" : row.body]),
  );
}

export const AnsweredEffect = z.object({
  attempt_id: z.uuid(),
  seq: z.int(),
  kind: EffectKind,
  state: z.string(),
  request: JsonObjectColumn,
  result: JsonColumn,
  error: JsonColumn,
});
export type AnsweredEffect = z.infer<typeof AnsweredEffect>;

/** The answered effects of these attempts: the turns of a conversation that is to be told again. */
export async function readAnsweredEffects(db: Queryable, attemptIds: readonly string[]): Promise<AnsweredEffect[]> {
  const { rows } = await db.query(
    `SELECT e.attempt_id, e.seq, e.kind, e.state, q.body AS request, a.body AS result, e.error
    FROM effects e JOIN payloads q ON q.id = e.request_payload_id LEFT JOIN payloads a ON a.id = e.result_payload_id
    WHERE e.attempt_id = ANY ($1) AND e.state IN ('done', 'failed') ORDER BY e.attempt_id, e.seq`,
    [attemptIds],
  );
  return z.array(AnsweredEffect).parse(rows);
}
