import * as z from "zod";
import type { Queryable } from "../../../platform/db/database.ts";
import type { ApprovalRule } from "../../domain/inbox/item-row.ts";

const SettingsRow = z.object({ tools: z.array(z.string()), expires_seconds: z.int() });

/** What the workspace itself has set. */
export async function findApprovalSettings(db: Queryable): Promise<ApprovalRule | undefined> {
  const { rows } = await db.query("SELECT tools, expires_seconds FROM approval_settings", []);
  return z.array(SettingsRow).parse(rows)[0];
}

/** Those of the tools that need a person's word in every workspace. */
export async function listToolsOfApproval(db: Queryable, names: readonly string[]): Promise<string[]> {
  const { rows } = await db.query("SELECT name FROM tools WHERE requires_approval AND name = ANY ($1) ORDER BY name", [names]);
  return z
    .array(z.object({ name: z.string() }))
    .parse(rows)
    .map(({ name }) => name);
}

/** What of the settings changes; what is not named stays. `expires_seconds`: undefined stays too. */
export type SettingsChange = { add: readonly string[]; remove: readonly string[]; expires_seconds: number | undefined };

/** Changes single tools, so that two who do at the same time both have their way. Answers what is set now. */
export async function mergeApprovalSettings(db: Queryable, workspaceId: string, change: SettingsChange, now: Date): Promise<ApprovalRule> {
  const { rows } = await db.query(
    `INSERT INTO approval_settings (workspace_id, tools, expires_seconds, updated_at) VALUES ($1, $2::text[], COALESCE($4::int, 86400), $5)
    ON CONFLICT (workspace_id) DO UPDATE SET expires_seconds = COALESCE($4::int, approval_settings.expires_seconds), updated_at = $5,
      tools = ARRAY(SELECT unnest(approval_settings.tools || $2::text[]) EXCEPT SELECT unnest($3::text[]) ORDER BY 1)
    RETURNING tools, expires_seconds`,
    [workspaceId, change.add, change.remove, change.expires_seconds ?? null, now],
  );
  return z.tuple([SettingsRow]).parse(rows)[0];
}

export async function upsertApprovalSettings(db: Queryable, workspaceId: string, settings: ApprovalRule, now: Date): Promise<void> {
  await db.query(
    `INSERT INTO approval_settings (workspace_id, tools, expires_seconds, updated_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (workspace_id) DO UPDATE SET tools = excluded.tools, expires_seconds = excluded.expires_seconds, updated_at = excluded.updated_at`,
    [workspaceId, settings.tools, settings.expires_seconds, now],
  );
}
