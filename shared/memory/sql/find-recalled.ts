import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";

const RecalledRow = z.object({ id: z.uuid(), content: z.string() });
export type RecalledRow = z.infer<typeof RecalledRow>;

/**
 * Memories of the workspace that share words with `query`, the best first, then the newest. Any shared word counts, so that a goal finds
 * what earlier runs of like goals left; words that say nothing find nothing.
 */
export async function findRecalled(db: Queryable, query: { workspaceId: string; text: string; limit: number; now: Date }): Promise<RecalledRow[]> {
  const { rows } = await db.query(
    `WITH wanted AS (
        SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS words FROM unnest(to_tsvector('english', $2)))
    SELECT m.id, m.content FROM memories m, wanted
    WHERE m.workspace_id = $1 AND m.search @@ wanted.words AND (m.expires_at IS NULL OR m.expires_at > $4)
    ORDER BY ts_rank_cd(m.search, wanted.words) DESC, m.created_at DESC, m.id LIMIT $3`,
    [query.workspaceId, query.text, query.limit, query.now],
  );
  return z.array(RecalledRow).parse(rows);
}
