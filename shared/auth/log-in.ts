import type { Visitor } from "../platform/api/route.ts";
import { AppError } from "../platform/errors.ts";
import type { AccessToken } from "./contracts/accounts.ts";
import type { AuthDeps } from "./deps.ts";
import { isPassword } from "./hash-password.ts";
import { openSession } from "./open-session.ts";
import { findLogin } from "./sql/users.ts";

/** Nobody yet: sees no row, and may call the functions that look a login up. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/**
 * An access token for an email and a password.
 * @throws AppError `invalid-credentials`, the same and after the same time whether the email is unknown, the password is wrong or the
 * account is closed
 */
export async function logIn(
  deps: Pick<AuthDeps, "openDb" | "getKeys" | "newId">,
  { email, password, visitor, now }: { email: string; password: string; visitor: Visitor; now: Date },
): Promise<AccessToken> {
  const login = await findLoginByEmail(deps, email);
  const matches = await isPassword(password, login?.password_hash);
  if (login === undefined || !matches || !login.is_active) throw new AppError("invalid-credentials", "Check both and try again");
  return openSession(deps, { userId: login.user_id, visitor, now });
}

/** Before anybody is known. */
export async function findLoginByEmail(deps: Pick<AuthDeps, "openDb">, email: string): ReturnType<typeof findLogin> {
  const db = await deps.openDb();
  return db.transact({ role: "app", workspaceId: NOBODY, userId: NOBODY }, (connection) => findLogin(connection, email));
}
