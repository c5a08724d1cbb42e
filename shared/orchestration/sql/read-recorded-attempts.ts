import * as z from "zod";
import { EffectError, EffectKind, EffectState, SafetyClass } from "../../effects/contracts/effect.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";

const Payload = z.object({ sha256: z.string(), body: JsonValue, erased: z.boolean() });

const RecordedAttemptRow = z.object({
  attempt_id: z.uuid(),
  task_id: z.uuid(),
  kind: z.string(),
  ordinal: z.int(),
  name: z.string(),
  number: z.int(),
  status: z.enum(["running", "completed", "failed", "cancelled"]),
  error: EffectError.nullable(),
  briefing: Payload,
  result: Payload.nullable(),
  effects: z.array(
    z.object({
      id: z.uuid(),
      seq: z.int(),
      kind: EffectKind,
      safety: SafetyClass,
      state: EffectState,
      request_sha256: z.string(),
      request: Payload,
      result_sha256: z.string().nullable(),
      result: Payload.nullable(),
      error: EffectError.nullable(),
    }),
  ),
});
export type RecordedAttemptRow = z.infer<typeof RecordedAttemptRow>;

const payload = (alias: string) =>
  `jsonb_build_object('sha256', ${alias}.sha256, 'body', ${alias}.body, 'erased', ${alias}.erased_at IS NOT NULL)`;

/** Attempts read at once; a reader comes again for the rest. */
const ROWS = 100;

/**
 * Attempts of a run after attempt `after`, in the order in which they began, each with all that was stored of it: briefing, journal with
 * requests and answers, and the result of the task that it completed.
 */
export async function readRecordedAttempts(db: Queryable, runId: string, after: string | undefined): Promise<RecordedAttemptRow[]> {
  const { rows } = await db.query(
    `SELECT a.id AS attempt_id, a.task_id, t.kind, t.ordinal, t.name, a.number, a.status, a.error, ${payload("b")} AS briefing,
      CASE WHEN a.status = 'completed' AND r.id IS NOT NULL
        THEN jsonb_build_object('sha256', t.result_sha256, 'body', r.body, 'erased', r.erased_at IS NOT NULL) END AS result,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('id', e.id, 'seq', e.seq, 'kind', e.kind, 'safety', e.safety, 'state', e.state,
          'request_sha256', e.request_sha256, 'request', ${payload("q")}, 'result_sha256', e.result_sha256,
          'result', CASE WHEN p.id IS NOT NULL THEN ${payload("p")} END, 'error', e.error) ORDER BY e.seq)
        FROM effects e JOIN payloads q ON q.id = e.request_payload_id LEFT JOIN payloads p ON p.id = e.result_payload_id
        WHERE e.attempt_id = a.id), '[]') AS effects
    FROM task_attempts a JOIN tasks t ON t.id = a.task_id JOIN payloads b ON b.id = a.briefing_payload_id
      LEFT JOIN payloads r ON r.id = t.result_payload_id
    WHERE a.run_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT ${ROWS}`,
    [runId, after ?? null],
  );
  return z.array(RecordedAttemptRow).parse(rows);
}
