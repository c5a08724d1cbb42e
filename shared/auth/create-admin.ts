import { randomBytes } from "node:crypto";
import { everyScope } from "./contracts/scopes.ts";
import { createApiKey } from "./create-api-key.ts";
import type { AuthDeps } from "./deps.ts";
import { registerUser } from "./register-user.ts";

/**
 * The person that an embedded installation belongs to, with an API key that may do everything. Nobody knows the password, so the key is
 * the only way in.
 * @throws AppError `conflict` when the person exists
 */
export async function createAdmin(deps: AuthDeps, now: Date): Promise<{ userId: string; workspaceId: string; apiKey: string }> {
  const id = deps.newId(now.getTime());
  const password = randomBytes(32).toString("base64url");
  await registerUser(deps, { id, email: "admin@localhost", username: "admin", password, workspaceName: undefined, now });
  const wish = { id: deps.newId(now.getTime()), name: "embedded", scopes: everyScope, expiresAt: undefined, now };
  const { key } = await createApiKey(deps, { workspaceId: id, userId: id, scopes: everyScope }, wish);
  return { userId: id, workspaceId: id, apiKey: key };
}
