import * as z from "zod";
import type { Queryable } from "../../../platform/db/database.ts";
import { InboxItemRow } from "../../domain/inbox/item-row.ts";

/** What of a run waits for a person. The run must be locked. */
export async function readOpenItems(db: Queryable, runId: string): Promise<InboxItemRow[]> {
  const { rows } = await db.query(
    `SELECT id, workspace_id, run_id, task_id, effect_id, kind, state, request_sha256, subject,
      to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS expires_at
    FROM inbox_items WHERE run_id = $1 AND state = 'open'`,
    [runId],
  );
  return z.array(InboxItemRow).parse(rows);
}
