import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import type { ApiKey } from "../contracts/api-keys.ts";
import { Scope } from "../contracts/scopes.ts";

export type NewApiKey = {
  id: string;
  workspaceId: string;
  userId: string;
  name: string;
  prefix: string;
  sha256: string;
  scopes: readonly Scope[];
  createdAt: Date;
  expiresAt: Date | undefined;
};

export async function insertApiKey(db: Queryable, key: NewApiKey): Promise<void> {
  await db.query(
    `INSERT INTO api_keys (id, workspace_id, user_id, name, prefix, key_sha256, scopes, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [key.id, key.workspaceId, key.userId, key.name, key.prefix, key.sha256, key.scopes, key.createdAt, key.expiresAt ?? null],
  );
}

const ApiKeyRow = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(Scope),
  created_at: TimestampColumn,
  expires_at: TimestampColumn.nullable(),
});

/** The person's keys that are not revoked, newest first, after the key `before`. Expired ones are among them. */
export async function listApiKeys(db: Queryable, page: { userId: string; before: string | undefined; limit: number }): Promise<ApiKey[]> {
  const { rows } = await db.query(
    `SELECT id, name, prefix, scopes, created_at, expires_at FROM api_keys
    WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [page.userId, page.before ?? null, page.limit],
  );
  return z.array(ApiKeyRow).parse(rows);
}

const HashRow = z.object({ key_sha256: z.string() });

/** The hash of a key that is the person's and not revoked. */
export async function findApiKeyHash(db: Queryable, userId: string, keyId: string): Promise<string | undefined> {
  const { rows } = await db.query(`SELECT key_sha256 FROM api_keys WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL`, [keyId, userId]);
  return z.array(HashRow).parse(rows)[0]?.key_sha256;
}

export async function revokeApiKey(db: Queryable, keyId: string, now: Date): Promise<void> {
  await db.query(`UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL`, [keyId, now]);
}
