import type { Queryable } from "../platform/db/database.ts";
import { AppError, conflict } from "../platform/errors.ts";
import type { AuthDeps } from "./deps.ts";
import { hashPassword } from "./hash-password.ts";
import { insertUser, isAnybodyRegistered, isLoginTaken } from "./sql/users.ts";

export type Registration = { id: string; email: string; username: string; password: string; workspaceName: string | undefined; now: Date };

/**
 * Makes a person, the personal workspace with the same id and all that a workspace starts with, in one transaction.
 * @throws AppError `registration-closed` where only the first account may be made, and was; `conflict` when the email or the user name is taken
 */
export async function registerUser(
  deps: Pick<AuthDeps, "openDb" | "registration" | "joinWorkspace" | "newId">,
  registration: Registration,
): Promise<void> {
  const { id, email, username, password, workspaceName = username, now } = registration;
  const db = await deps.openDb();
  const refuseWhereClosed = async (connection: Queryable) => {
    if (deps.registration() === "first" && (await isAnybodyRegistered(connection)))
      throw new AppError("registration-closed", "Who runs this installation has an account, and has not opened registration to others");
  };
  const actor = { role: "app", workspaceId: id, userId: id } as const;
  // A closed door is knocked at for ever, and a hash takes a third of a second.
  await db.transact(actor, refuseWhereClosed);
  const passwordHash = await hashPassword(password);
  try {
    await db.transact(actor, async (connection) => {
      // One after the other: of two who come first at the same time the second finds the other's account.
      await refuseWhereClosed(connection);
      if (await isLoginTaken(connection, email, username)) throw taken();
      await insertUser(connection, { id, email, username, passwordHash, workspaceName, createdAt: now });
      await deps.joinWorkspace(connection, id, () => deps.newId(now.getTime()));
    });
  } catch (error) {
    // Somebody else was quicker between the look and the insert.
    throw isUniqueViolation(error) ? taken(error) : error;
  }
}

function taken(cause?: unknown): AppError {
  return cause === undefined ? conflict(TAKEN) : new AppError("conflict", TAKEN, { cause });
}
const TAKEN = "The email or the user name belongs to another account";

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
