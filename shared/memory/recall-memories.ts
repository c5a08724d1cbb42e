import type { Queryable } from "../platform/db/database.ts";
import { findRecalled, type RecalledRow } from "./sql/find-recalled.ts";

/**
 * What the workspace remembers about a text, at most `limit` memories, the best first. The caller's transaction must be of that workspace:
 * as `app`, or as `engine` with the workspace set.
 */
export function recallMemories(db: Queryable, request: { workspaceId: string; query: string; limit: number; now: Date }): Promise<RecalledRow[]> {
  return findRecalled(db, { workspaceId: request.workspaceId, text: request.query, limit: request.limit, now: request.now });
}
