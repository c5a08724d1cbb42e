import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify, SignJWT } from "jose";
import type { Identity } from "../platform/api/route.ts";
import type { SigningKey } from "./signing-key.ts";

const ISSUER = "cognition-os";
const AUDIENCE = "cognition-os-api";
/** Of an access token (RFC 9068): no other kind of token that this key may one day sign is taken for one. */
const TYPE = "at+jwt";
const LIFE_SECONDS = 60 * 60;
const CLOCK_TOLERANCE_SECONDS = 5;

export type SignedToken = { readonly token: string; readonly lifeSeconds: number; readonly expiresAt: Date };

/** Signs that `identity` may act for an hour. */
export async function signToken(
  key: SigningKey,
  identity: Identity & { sessionId: string },
  tokenId: string,
  now: Date,
): Promise<SignedToken> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const token = await new SignJWT({ workspace_id: identity.workspaceId, scope: identity.scopes.join(" "), sid: identity.sessionId })
    .setProtectedHeader({ alg: "ES256", typ: TYPE, kid: key.publicJwk.kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(identity.userId)
    .setJti(tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFE_SECONDS)
    .sign(key.privateKey);
  return { token, lifeSeconds: LIFE_SECONDS, expiresAt: new Date((issuedAt + LIFE_SECONDS) * 1000) };
}

/** Whose token it is; undefined for anything but a token that we signed, for us, and that has not expired. */
export async function verifyToken(keys: JSONWebKeySet, token: string, now: Date): Promise<(Identity & { sessionId: string }) | undefined> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: ["ES256"],
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: TYPE,
      requiredClaims: ["exp", "iat", "sub", "jti", "sid", "workspace_id", "scope"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: now,
    });
    const { sub, workspace_id, scope, sid } = payload;
    if (!isUuid(sub) || !isUuid(workspace_id) || !isUuid(sid) || typeof scope !== "string") return undefined;
    return { userId: sub, workspaceId: workspace_id, scopes: scope.split(" "), sessionId: sid };
  } catch (error) {
    // Whatever jose objects to is a bad token; anything else is a defect.
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function isUuid(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
