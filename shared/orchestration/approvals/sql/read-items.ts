import * as z from "zod";
import { TimestampColumn } from "../../../platform/db/columns.ts";
import type { Queryable } from "../../../platform/db/database.ts";
import { JsonObject, JsonValue } from "../../../platform/json.ts";
import { InboxKind, InboxState } from "../../domain/inbox/item-row.ts";

/** Bytes of a request that a list shows; a longer one is shown with its item. */
const SHORT_REQUEST = 16_384;

const ItemView = z.object({
  id: z.uuid(),
  kind: InboxKind,
  state: InboxState,
  run_id: z.uuid(),
  goal: z.string(),
  task: z.object({ id: z.uuid(), ordinal: z.int(), name: z.string() }).nullable(),
  effect_id: z.uuid().nullable(),
  request_sha256: z.string().nullable(),
  request: JsonValue,
  subject: JsonObject,
  expires_at: TimestampColumn.nullable(),
  created_at: TimestampColumn,
  decision: JsonObject.nullable(),
  decided_by: z.uuid().nullable(),
  decided_at: TimestampColumn.nullable(),
});
export type ItemView = z.infer<typeof ItemView>;

/** `longest`: the parameter that holds the bytes of the longest request to be shown. */
const selectItems = (
  longest: string,
) => `SELECT i.id, i.kind, i.state, i.run_id, r.goal, i.effect_id, i.request_sha256, i.subject, i.expires_at, i.created_at,
  i.decision, i.decided_by, i.decided_at, CASE WHEN octet_length(p.body::text) <= ${longest} THEN p.body END AS request,
  CASE WHEN t.id IS NOT NULL THEN jsonb_build_object('id', t.id, 'ordinal', t.ordinal, 'name', t.name) END AS task
  FROM inbox_items i JOIN runs r ON r.id = i.run_id LEFT JOIN tasks t ON t.id = i.task_id
    LEFT JOIN effects e ON e.id = i.effect_id LEFT JOIN payloads p ON p.id = e.request_payload_id`;

/** Items of the workspace, newest first, after the item `before`. Long requests are left out. */
export async function listItems(
  db: Queryable,
  filter: { state: string; kind: string | undefined; runId: string | undefined; before: string | undefined; limit: number },
): Promise<ItemView[]> {
  const { rows } = await db.query(
    `${selectItems("$5")} WHERE i.state = $1 AND ($2::text IS NULL OR i.kind = $2)
      AND ($3::uuid IS NULL OR i.id < $3) AND ($6::uuid IS NULL OR i.run_id = $6) ORDER BY i.id DESC LIMIT $4`,
    [filter.state, filter.kind ?? null, filter.before ?? null, filter.limit, SHORT_REQUEST, filter.runId ?? null],
  );
  return z.array(ItemView).parse(rows);
}

/** An item with the whole of its request; undefined when the workspace has no such item. */
export async function findItem(db: Queryable, itemId: string): Promise<ItemView | undefined> {
  const { rows } = await db.query(`${selectItems("$2")} WHERE i.id = $1`, [itemId, 2_147_483_647]);
  return z.array(ItemView).parse(rows)[0];
}
