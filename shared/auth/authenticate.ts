import type { JSONWebKeySet } from "jose";
import type { Identity } from "../platform/api/route.ts";
import type { LookupTable } from "../platform/aws/lookup-table.ts";
import { hashApiKey, isApiKey } from "./api-key.ts";
import { findApiKey, findJwks, isSessionRevoked } from "./lookups.ts";
import { verifyToken } from "./token.ts";

/** Nothing that we issue comes near; longer ones are not even parsed. */
const MAX_CREDENTIAL_LENGTH = 4_096;
const KEYS_KEPT_MILLISECONDS = 5 * 60_000;
const KEYS_REFRESHED_MILLISECONDS = 10_000;

export type Authenticate = (authorization: string | undefined, now: Date) => Promise<Identity | undefined>;

/**
 * Tells who an Authorization header stands for: `Bearer` with an access token or an API key. undefined for everything else. Rejects only
 * when the look-up itself fails, which is no reason to call credentials wrong.
 */
export function createAuthenticate(table: LookupTable): Authenticate {
  const getKeys = cacheKeys(table);
  return async (authorization, now) => {
    const credential = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? "")?.[1];
    if (credential === undefined || credential.length > MAX_CREDENTIAL_LENGTH) return undefined;
    if (isApiKey(credential)) return findApiKey(table, hashApiKey(credential), now);
    const identity = await verifyToken(await getKeys(credential, now), credential, now);
    if (identity === undefined || (await isSessionRevoked(table, identity.sessionId))) return undefined;
    return identity;
  };
}

/** Keys are read again after five minutes, or when a token names one that is not among them, though not for every such token. */
function cacheKeys(table: LookupTable): (token: string, now: Date) => Promise<JSONWebKeySet> {
  let cached: { keys: JSONWebKeySet; at: number } | undefined;
  return async (token, now) => {
    const age = cached === undefined ? Number.POSITIVE_INFINITY : now.getTime() - cached.at;
    const isKnown = cached?.keys.keys.some(({ kid }) => kid !== undefined && kid === readKeyId(token)) ?? false;
    if (cached === undefined || age > KEYS_KEPT_MILLISECONDS || (!isKnown && age > KEYS_REFRESHED_MILLISECONDS)) {
      cached = { keys: await findJwks(table), at: now.getTime() };
    }
    return cached.keys;
  };
}

/** Unverified: good for choosing a key, nothing else. */
function readKeyId(token: string): unknown {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split(".", 1)[0] ?? "", "base64url").toString("utf8"));
    return typeof header === "object" && header !== null && "kid" in header ? header.kid : undefined;
  } catch {
    return undefined;
  }
}
