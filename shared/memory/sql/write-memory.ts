import type { Queryable } from "../../platform/db/database.ts";
import type { NewMemory } from "../contract.ts";

/** Inserts a memory unless its id is there already: the same request tried again stores it once. */
export async function insertMemory(
  db: Queryable,
  memory: NewMemory & { id: string; workspaceId: string; userId: string; createdAt: Date },
): Promise<void> {
  await db.query(
    `INSERT INTO memories (id, workspace_id, user_id, content, memory_type, scope, metadata, source, confidence, is_sensitive, created_at,
      updated_at, accessed_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $11, $11, $12) ON CONFLICT (id) DO NOTHING`,
    [
      memory.id,
      memory.workspaceId,
      memory.userId,
      memory.content,
      memory.memory_type,
      memory.scope,
      JSON.stringify(memory.metadata),
      memory.source ?? null,
      memory.confidence,
      memory.is_sensitive,
      memory.createdAt,
      memory.expires_at ?? null,
    ],
  );
}

/** Deletes a memory of its author. Returns whether there was one. */
export async function deleteMemory(db: Queryable, userId: string, memoryId: string): Promise<boolean> {
  const { rowCount } = await db.query(`DELETE FROM memories WHERE id = $1 AND user_id = $2`, [memoryId, userId]);
  return rowCount > 0;
}
