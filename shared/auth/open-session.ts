import { createHash } from "node:crypto";
import type { Visitor } from "../platform/api/route.ts";
import type { AccessToken } from "./contracts/accounts.ts";
import { sessionScopes } from "./contracts/scopes.ts";
import type { AuthDeps } from "./deps.ts";
import { insertSession } from "./sql/users.ts";

/** A new session of a person in the personal workspace, with the access token that stands for it. */
export async function openSession(
  deps: Pick<AuthDeps, "openDb" | "getKeys" | "newId">,
  { userId, visitor, now }: { userId: string; visitor: Visitor; now: Date },
): Promise<AccessToken> {
  const [db, { signing }, { signToken }] = await Promise.all([deps.openDb(), deps.getKeys(), import("./token.ts")]);
  const sessionId = deps.newId(now.getTime());
  const identity = { workspaceId: userId, userId, scopes: sessionScopes, sessionId };
  const { token, lifeSeconds, expiresAt } = await signToken(signing, identity, deps.newId(now.getTime()), now);
  const tokenSha256 = createHash("sha256").update(token).digest("hex");
  await db.transact({ role: "app", workspaceId: userId, userId }, (connection) =>
    insertSession(connection, { id: sessionId, workspaceId: userId, userId, tokenSha256, expiresAt, createdAt: now, ...visitor }),
  );
  return { access_token: token, token_type: "Bearer", expires_in: lifeSeconds };
}
