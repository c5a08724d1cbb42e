import * as z from "zod";
import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../platform/api/cursor.ts";
import { actorOf } from "./actor-of.ts";
import * as routes from "./contracts/api-keys.ts";
import { createApiKey } from "./create-api-key.ts";
import type { AuthDeps } from "./deps.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { listApiKeys } from "./sql/api-keys.ts";

/** API keys of the person who asks. */
export function bindApiKeys(deps: Pick<AuthDeps, "openDb" | "lookups">): Binding[] {
  return [
    bindRoute(routes.createApiKey, async ({ identity, body, now }, id) => {
      const expiresAt = body.expires_at === undefined ? undefined : new Date(body.expires_at);
      const key = await createApiKey(deps, identity, { id, name: body.name, scopes: body.scopes, expiresAt, now });
      return { body: key, headers: { location: `/v1/auth/api-keys/${id}` } };
    }),
    bindRoute(routes.listApiKeys, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const db = await deps.openDb();
      const page = { userId: identity.userId, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => listApiKeys(connection, page));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
    bindRoute(routes.deleteApiKey, async ({ identity, params, now }) => {
      await revokeApiKey(deps, identity, params.key_id, now);
      return { body: undefined };
    }),
  ];
}
