import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import type { Identity } from "../platform/api/route.ts";
import { AppError } from "../platform/errors.ts";
import { actorOf } from "./actor-of.ts";
import type { User } from "./contracts/accounts.ts";
import * as routes from "./contracts/accounts.ts";
import type { AuthDeps } from "./deps.ts";
import { logIn } from "./log-in.ts";
import { openSession } from "./open-session.ts";
import { registerUser } from "./register-user.ts";
import { findUser } from "./sql/users.ts";

/** Accounts: to make one, to enter it, to look at it. */
export function bindAccounts(deps: AuthDeps): Binding[] {
  return [
    bindRoute(routes.register, async ({ body, visitor, now }, id) => {
      const { email, username, password, name } = body;
      await registerUser(deps, { id, email, username, password, workspaceName: name, now });
      const token = await openSession(deps, { userId: id, visitor, now });
      return { body: { user: await readUser(deps, { workspaceId: id, userId: id, scopes: [] }), token } };
    }),
    bindRoute(routes.logIn, async ({ body, visitor, now }) => {
      return { body: await logIn(deps, { ...body, visitor, now }) };
    }),
    bindRoute(routes.getMe, async ({ identity }) => {
      const user = await readUser(deps, identity);
      return { body: { user, workspace_id: identity.workspaceId, scopes: [...identity.scopes], session_id: identity.sessionId ?? null } };
    }),
    bindRoute(routes.getJwks, async () => ({ body: { keys: [...(await deps.getKeys()).published] } })),
  ];
}

async function readUser(deps: AuthDeps, identity: Identity): Promise<User> {
  const db = await deps.openDb();
  const user = await db.transact(actorOf(identity), (connection) => findUser(connection, identity.userId));
  if (user === undefined) throw new AppError("unauthenticated", "This account is closed");
  return user;
}
