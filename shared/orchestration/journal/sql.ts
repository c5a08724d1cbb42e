import * as z from "zod";
import { EffectError, EffectKind, EffectState, SafetyClass } from "../../effects/contracts/effect.ts";
import { TimestampColumn, UsdColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonObject, JsonValue } from "../../platform/json.ts";
import { MAX_SHOWN_RESULT_BYTES } from "../contracts/journal.ts";

const EffectView = z.object({
  id: z.uuid(),
  task: z.object({ id: z.uuid(), ordinal: z.int(), name: z.string() }),
  attempt: z.int(),
  seq: z.int(),
  kind: EffectKind,
  tool: z.string().nullable(),
  safety: SafetyClass,
  state: EffectState,
  try: z.int(),
  sends: z.int(),
  lease_until: TimestampColumn.nullable(),
  hold: z.object({ held_usd: UsdColumn, spent_usd: UsdColumn, unsettled_usd: UsdColumn }),
  request_sha256: z.string(),
  result_sha256: z.string().nullable(),
  result: JsonValue,
  error: EffectError.nullable(),
  created_at: TimestampColumn,
  claimed_at: TimestampColumn.nullable(),
  answered_at: TimestampColumn.nullable(),
});
export type EffectView = z.infer<typeof EffectView>;

/**
 * Effects of a run, newest first, after the effect `before`. The token of a lease is its hand's alone and stays out. Holds are those on the
 * budget of the run: the others reserve the same money elsewhere.
 */
export async function listEffects(
  db: Queryable,
  runId: string,
  filter: { state: string | undefined; kind: string | undefined; safety: string | undefined; before: string | undefined; limit: number },
): Promise<EffectView[]> {
  const { rows } = await db.query(
    `SELECT e.id, jsonb_build_object('id', t.id, 'ordinal', t.ordinal, 'name', t.name) AS task, a.number AS attempt, e.seq, e.kind,
      CASE WHEN e.kind = 'tool' THEN q.body ->> 'tool' END AS tool, e.safety, e.state, e.try, e.sends, e.lease_until, e.request_sha256,
      e.result_sha256, CASE WHEN octet_length(p.body::text) <= $7 THEN p.body END AS result, e.error, e.created_at, e.claimed_at, e.answered_at,
      (SELECT jsonb_build_object(
          'held_usd', COALESCE(sum(h.amount_nano) FILTER (WHERE h.state = 'held'), 0)::text,
          'spent_usd', COALESCE(sum(h.settled_nano) FILTER (WHERE h.state IN ('settled', 'unsettled')), 0)::text,
          'unsettled_usd', COALESCE(sum(h.settled_nano) FILTER (WHERE h.state = 'unsettled'), 0)::text)
        FROM budget_holds h WHERE h.effect_id = e.id AND h.budget_id = r.budget_id) AS hold
    FROM runs r JOIN tasks t ON t.run_id = r.id JOIN task_attempts a ON a.task_id = t.id JOIN effects e ON e.attempt_id = a.id
      JOIN payloads q ON q.id = e.request_payload_id LEFT JOIN payloads p ON p.id = e.result_payload_id
    WHERE r.id = $1 AND ($2::text IS NULL OR e.state = $2) AND ($3::text IS NULL OR e.kind = $3) AND ($4::text IS NULL OR e.safety = $4)
      AND ($5::uuid IS NULL OR e.id < $5)
    ORDER BY e.id DESC LIMIT $6`,
    [runId, filter.state ?? null, filter.kind ?? null, filter.safety ?? null, filter.before ?? null, filter.limit, MAX_SHOWN_RESULT_BYTES],
  );
  return z.array(EffectView).parse(rows);
}

const LogRow = z.object({
  id: z.uuid(),
  task_id: z.uuid(),
  timestamp: TimestampColumn,
  level: z.enum(["info", "warning", "error"]),
  message: z.string(),
  metadata: JsonObject.nullable(),
});
export type LogRow = z.infer<typeof LogRow>;

/** What was noted of a task, and of the tasks of a goal, oldest first, after the note `after`. */
export async function listLogs(
  db: Queryable,
  taskId: string,
  filter: { level: string | undefined; after: string | undefined; limit: number },
): Promise<LogRow[]> {
  const { rows } = await db.query(
    `SELECT l.id, l.task_id, l.timestamp, l.level, l.message, l.metadata FROM task_execution_logs l
    WHERE l.task_id = ANY (ARRAY(SELECT id FROM tasks WHERE id = $1 OR parent_task_id = $1))
      AND ($2::text IS NULL OR l.level = $2) AND ($3::uuid IS NULL OR l.id > $3)
    ORDER BY l.id LIMIT $4`,
    [taskId, filter.level ?? null, filter.after ?? null, filter.limit],
  );
  return z.array(LogRow).parse(rows);
}
