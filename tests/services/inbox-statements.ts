import {
  findApprovalSettings,
  listToolsOfApproval,
  mergeApprovalSettings,
  upsertApprovalSettings,
} from "../../shared/orchestration/approvals/sql/approval-settings.ts";
import { findItem, listItems } from "../../shared/orchestration/approvals/sql/read-items.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";

type Place = { workspaceId: string };

const open = { state: "open", kind: undefined, runId: undefined, before: undefined, limit: 10 } as const;
const change = { add: ["read_file"], remove: ["write_file"], expires_seconds: undefined } as const;

/** What the inbox's routes read and write, on what is in `statements.test.ts`'s database. */
export function inboxStatements(here: () => Place): Record<string, (db: Queryable) => Promise<unknown>> {
  return {
    listItems: (db) => listItems(db, open),
    findItem: async (db) => findItem(db, (await listItems(db, open))[0]?.id ?? ""),
    findApprovalSettings,
    // No tool does by itself.
    listToolsOfApproval: async (db) => [await listToolsOfApproval(db, ["read_file"])],
    mergeApprovalSettings: (db) => mergeApprovalSettings(db, here().workspaceId, change, new Date()),
    upsertApprovalSettings: (db) => upsertApprovalSettings(db, here().workspaceId, { tools: [], expires_seconds: 60 }, new Date()),
  };
}
