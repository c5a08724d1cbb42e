import type { Identity } from "../platform/api/route.ts";
import { notFound } from "../platform/errors.ts";
import { actorOf } from "./actor-of.ts";
import type { AuthDeps } from "./deps.ts";
import { deleteApiKeyLookup } from "./lookups.ts";
import { findApiKeyHash, revokeApiKey as markRevoked } from "./sql/api-keys.ts";

/**
 * Ends a key. The look-up goes first: when only half of this happens, the key is listed and does not work, which the next try mends. The
 * authorizer's cache may let it through for up to a minute.
 * @throws AppError `not-found` for a key that is not the caller's, or is revoked already
 */
export async function revokeApiKey(
  deps: Pick<AuthDeps, "openDb" | "lookups">,
  identity: Identity,
  keyId: string,
  now: Date,
): Promise<void> {
  const db = await deps.openDb();
  const actor = actorOf(identity);
  const sha256 = await db.transact(actor, (connection) => findApiKeyHash(connection, identity.userId, keyId));
  if (sha256 === undefined) throw notFound("The API key");
  await deleteApiKeyLookup(deps.lookups, sha256);
  await db.transact(actor, (connection) => markRevoked(connection, keyId, now));
}
