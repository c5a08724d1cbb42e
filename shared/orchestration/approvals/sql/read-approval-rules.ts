import * as z from "zod";
import type { Queryable } from "../../../platform/db/database.ts";
import type { ApprovalRule } from "../../domain/inbox/item-row.ts";

const RuleRow = z.object({ workspace_id: z.uuid(), tools: z.array(z.string()), expires_seconds: z.int() });

/** By workspace: the tools that wait for a person there, because they do everywhere or because the workspace says so. */
export async function readApprovalRules(db: Queryable, workspaceIds: readonly string[]): Promise<Map<string, ApprovalRule>> {
  const { rows } = await db.query(
    `SELECT w.id AS workspace_id, ARRAY(SELECT name FROM tools WHERE requires_approval UNION SELECT unnest(s.tools)) AS tools,
      COALESCE(s.expires_seconds, 86400) AS expires_seconds
    FROM unnest($1::uuid[]) AS w (id) LEFT JOIN approval_settings s ON s.workspace_id = w.id`,
    [workspaceIds],
  );
  return new Map(
    z
      .array(RuleRow)
      .parse(rows)
      .map(({ workspace_id, ...rule }) => [workspace_id, rule]),
  );
}
