import type { Queryable } from "../platform/db/database.ts";
import { findRecalled, type RecalledRow } from "./sql/find-recalled.ts";

/** A goal says early what it is about; a text of this many characters has hundreds of words to match already. */
const MAX_QUERY = 8_000;

/**
 * What the workspace remembers about a text, at most `limit` memories, the best first. The caller's transaction must be of that workspace:
 * as `app`, or as `engine` with the workspace set. With `userId` only what that person may see.
 */
export function recallMemories(
  db: Queryable,
  request: { workspaceId: string; userId?: string; query: string; limit: number; now: Date },
): Promise<RecalledRow[]> {
  const { workspaceId, userId, query, limit, now } = request;
  return findRecalled(db, { workspaceId, userId, text: query.slice(0, MAX_QUERY), limit, now });
}
