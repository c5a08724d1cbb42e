import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";

const RecalledRow = z.object({ id: z.uuid(), content: z.string() });
export type RecalledRow = z.infer<typeof RecalledRow>;

export type RecallQuery = { workspaceId: string; userId: string | undefined; text: string; limit: number; now: Date };

/**
 * Memories of the workspace that share words with `text`, the best first, then the newest: one person's and those for everybody, or, without
 * a person, all. Any shared word counts, so that a goal finds what earlier runs of like goals left; words that say nothing find nothing.
 * Sensitive memories are left out: what is recalled goes to a model.
 */
export async function findRecalled(db: Queryable, query: RecallQuery): Promise<RecalledRow[]> {
  const { rows } = await db.query(
    `WITH wanted AS (
        SELECT string_agg(quote_literal(lexeme), ' | ')::tsquery AS words FROM unnest(to_tsvector('english', $2)))
    SELECT m.id, m.content FROM memories m, wanted
    WHERE m.workspace_id = $1 AND m.search @@ wanted.words AND NOT m.is_sensitive AND (m.expires_at IS NULL OR m.expires_at > $4)
      AND ($5::uuid IS NULL OR m.user_id = $5 OR m.scope = 'global')
    ORDER BY ts_rank(m.search, wanted.words, 1) DESC, m.created_at DESC, m.id LIMIT $3`,
    [query.workspaceId, query.text, query.limit, query.now, query.userId ?? null],
  );
  return z.array(RecalledRow).parse(rows);
}
