import * as z from "zod";
import type { Queryable } from "../../../platform/db/database.ts";
import type { ApprovalRule } from "../../domain/inbox/item-row.ts";

const SettingsRow = z.object({ tools: z.array(z.string()), expires_seconds: z.int() });

/** What the workspace itself has set. */
export async function findApprovalSettings(db: Queryable): Promise<ApprovalRule | undefined> {
  const { rows } = await db.query("SELECT tools, expires_seconds FROM approval_settings", []);
  return z.array(SettingsRow).parse(rows)[0];
}

export async function upsertApprovalSettings(db: Queryable, workspaceId: string, settings: ApprovalRule, now: Date): Promise<void> {
  await db.query(
    `INSERT INTO approval_settings (workspace_id, tools, expires_seconds, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (workspace_id) DO UPDATE SET tools = excluded.tools, expires_seconds = excluded.expires_seconds, updated_at = excluded.updated_at`,
    [workspaceId, settings.tools, settings.expires_seconds, now],
  );
}
