import type { Authenticate } from "../auth/authenticate.ts";
import { isGenerative } from "../llm/domain/capabilities.ts";
import type { Health } from "../platform/api/contract.ts";
import type { Database } from "../platform/db/database.ts";
import { AppError } from "../platform/errors.ts";
import { version } from "../platform/version.ts";

export type HealthDeps = { authenticate: Authenticate; openDb: () => Promise<Database>; defaultModel: () => string };

/**
 * The shallow answer touches nothing, so that asking it often costs nothing and wakes no database. The deep one does, so it is for admins;
 * its route is public like the shallow one's, hence it looks at the credentials itself.
 * @throws AppError `unauthenticated`, `forbidden`, or what the database throws
 */
export async function readHealth(
  deps: HealthDeps,
  request: { deep: boolean; authorization: string | undefined; now: Date },
): Promise<Health> {
  const model = deps.defaultModel();
  const health = { status: "ok", version, models: { default: model, generative: isGenerative(model) } } as const;
  if (!request.deep) return health;
  const identity = await deps.authenticate(request.authorization, request.now);
  if (identity === undefined) throw new AppError("unauthenticated", "Looking at the database needs credentials");
  if (!identity.scopes.includes("admin")) throw new AppError("forbidden", "Looking at the database needs the scope admin");
  const { workspaceId, userId } = identity;
  const db = await deps.openDb();
  // To begin and commit as the role of the API is proof enough.
  await db.transact({ role: "app", workspaceId, userId }, async () => undefined);
  return { ...health, database: "ok" };
}
