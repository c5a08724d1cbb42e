import type { Identity } from "../platform/api/route.ts";
import type { Actor } from "../platform/db/database.ts";

/** Who asks, as the database sees them. */
export function actorOf(identity: Identity): Actor & { role: "app" } {
  return { role: "app", workspaceId: identity.workspaceId, userId: identity.userId };
}
