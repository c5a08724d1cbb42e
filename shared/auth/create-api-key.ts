import type { Identity } from "../platform/api/route.ts";
import { AppError, invalidRequest } from "../platform/errors.ts";
import { actorOf } from "./actor-of.ts";
import { makeApiKey } from "./api-key.ts";
import type { ApiKey } from "./contracts/api-keys.ts";
import { Scope } from "./contracts/scopes.ts";
import type { AuthDeps } from "./deps.ts";
import { putApiKey } from "./lookups.ts";
import { insertApiKey } from "./sql/api-keys.ts";

export type ApiKeyWish = { id: string; name: string; scopes: readonly Scope[] | undefined; expiresAt: Date | undefined; now: Date };

/**
 * A key that may do at most what `identity` may. It is in the answer and nowhere else. Postgres first, then the authorizer's look-up: a key
 * that works is always one that the list shows.
 * @throws AppError `forbidden` for scopes that the caller has not, `invalid-request` for an expiry that has passed
 */
export async function createApiKey(
  deps: Pick<AuthDeps, "openDb" | "lookups">,
  identity: Identity,
  { id, name, scopes: wished, expiresAt, now }: ApiKeyWish,
): Promise<ApiKey & { key: string }> {
  const scopes = wished ?? Scope.options.filter((scope) => identity.scopes.includes(scope));
  const missing = scopes.filter((scope) => !identity.scopes.includes(scope));
  if (missing.length > 0) throw new AppError("forbidden", `These credentials have no ${missing.join(", ")} to give away`);
  if (expiresAt !== undefined && expiresAt <= now) {
    throw invalidRequest("The key would have expired", [{ pointer: "#/expires_at", detail: "must be in the future" }]);
  }
  const { key, prefix, sha256 } = makeApiKey();
  const { workspaceId, userId } = identity;
  const db = await deps.openDb();
  await db.transact(actorOf(identity), (connection) =>
    insertApiKey(connection, { id, workspaceId, userId, name, prefix, sha256, scopes, createdAt: now, expiresAt }),
  );
  await putApiKey(deps.lookups, { sha256, identity: { workspaceId, userId, scopes }, expiresAt });
  return {
    id,
    name,
    prefix,
    scopes: [...scopes],
    created_at: now.toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
    key,
  };
}
