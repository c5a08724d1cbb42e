import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import type { FoundMemory, Memory, MemoryScope, MemoryType } from "../contract.ts";
import { MEMORY_COLUMNS, MemoryRow } from "./memory-row.ts";

/** Whose memories, as of when, and which of them. Row-level security adds the workspace. */
export type MemoryFilter = {
  userId: string;
  now: Date;
  memoryType: z.infer<typeof MemoryType> | undefined;
  scope: z.infer<typeof MemoryScope> | undefined;
  limit: number;
};

/** What a person may see: the own memories and those for everybody, until they expire. $1 is the person, $2 the time. */
const VISIBLE = `(user_id = $1 OR scope = 'global') AND (expires_at IS NULL OR expires_at > $2)`;

const FoundRow = MemoryRow.extend({ relevance: z.number().nullable() });

export async function findMemory(
  db: Queryable,
  { userId, now, id }: { userId: string; now: Date; id: string },
): Promise<Memory | undefined> {
  const { rows } = await db.query(`SELECT ${MEMORY_COLUMNS} FROM memories WHERE ${VISIBLE} AND id = $3`, [userId, now, id]);
  return z.array(MemoryRow).parse(rows)[0];
}

/** The place after a memory in a list. */
export const MemoryPlace = z.strictObject({ created_at: z.iso.datetime(), id: z.uuid() });
export type MemoryPlace = z.infer<typeof MemoryPlace>;

/** The newest first, after a place in that order. */
export async function listMemories(db: Queryable, filter: MemoryFilter & { after: MemoryPlace | undefined }): Promise<FoundMemory[]> {
  const { rows } = await db.query(
    `SELECT ${MEMORY_COLUMNS}, NULL::float8 AS relevance FROM memories
    WHERE ${VISIBLE} AND ($3::memory_type IS NULL OR memory_type = $3) AND ($4::memory_scope IS NULL OR scope = $4)
      AND ($5::timestamptz IS NULL OR (created_at, id) < ($5, $6::uuid))
    ORDER BY created_at DESC, id DESC LIMIT $7`,
    [
      filter.userId,
      filter.now,
      filter.memoryType ?? null,
      filter.scope ?? null,
      filter.after?.created_at ?? null,
      filter.after?.id ?? null,
      filter.limit,
    ],
  );
  return z.array(FoundRow).parse(rows);
}

/** What matches a query as people write them for a search engine, the best first, then the newest. A query without words finds nothing. */
export async function searchMemories(db: Queryable, filter: MemoryFilter & { query: string }): Promise<FoundMemory[]> {
  const { rows } = await db.query(
    `SELECT ${MEMORY_COLUMNS}, ts_rank_cd(search, wanted)::float8 AS relevance FROM memories, websearch_to_tsquery('english', $5) AS wanted
    WHERE ${VISIBLE} AND ($3::memory_type IS NULL OR memory_type = $3) AND ($4::memory_scope IS NULL OR scope = $4) AND search @@ wanted
    ORDER BY relevance DESC, created_at DESC, id DESC LIMIT $6`,
    [filter.userId, filter.now, filter.memoryType ?? null, filter.scope ?? null, filter.query, filter.limit],
  );
  return z.array(FoundRow).parse(rows);
}
