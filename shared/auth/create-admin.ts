import { randomBytes } from "node:crypto";
import { everyScope } from "./contracts/scopes.ts";
import { createApiKey } from "./create-api-key.ts";
import type { AuthDeps } from "./deps.ts";
import { findLoginByEmail } from "./log-in.ts";
import { registerUser } from "./register-user.ts";

const EMAIL = "admin@localhost";

/**
 * The person that an embedded installation belongs to, with a new API key that may do everything. Nobody knows the password, so the key is
 * the only way in; whoever lost it, or died before writing it down, gets another for the same person.
 */
export async function createAdmin(deps: AuthDeps, now: Date): Promise<{ userId: string; workspaceId: string; apiKey: string }> {
  const id = (await findLoginByEmail(deps, EMAIL))?.user_id ?? (await registerAdmin(deps, now));
  const wish = { id: deps.newId(now.getTime()), name: "embedded", scopes: everyScope, expiresAt: undefined, now };
  const { key } = await createApiKey(deps, { workspaceId: id, userId: id, scopes: everyScope }, wish);
  return { userId: id, workspaceId: id, apiKey: key };
}

async function registerAdmin(deps: AuthDeps, now: Date): Promise<string> {
  const id = deps.newId(now.getTime());
  const password = randomBytes(32).toString("base64url");
  await registerUser(deps, { id, email: EMAIL, username: "admin", password, workspaceName: undefined, now });
  return id;
}
