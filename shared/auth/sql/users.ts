import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import type { User } from "../contracts/accounts.ts";

const LoginRow = z.object({ user_id: z.uuid(), password_hash: z.string(), is_active: z.boolean() });

/** What a login compares. The one statement, with the next, that looks at people before anybody is known. */
export async function findLogin(db: Queryable, email: string): Promise<z.infer<typeof LoginRow> | undefined> {
  const { rows } = await db.query(`SELECT user_id, password_hash, is_active FROM find_login($1)`, [email]);
  return z.array(LoginRow).parse(rows)[0];
}

const TakenRow = z.object({ is_taken: z.boolean() });

/** Whether an email or a user name belongs to somebody. */
export async function isLoginTaken(db: Queryable, email: string, username: string): Promise<boolean> {
  const { rows } = await db.query(`SELECT is_login_taken($1, $2) AS is_taken`, [email, username]);
  return z.tuple([TakenRow]).parse(rows)[0].is_taken;
}

const AnybodyRow = z.object({ is_anybody: z.boolean() });

/** Whether there is an account. Until this transaction ends, who else asks waits for its answer. */
export async function isAnybodyRegistered(db: Queryable): Promise<boolean> {
  const { rows } = await db.query("SELECT is_anybody_registered() AS is_anybody", []);
  return z.tuple([AnybodyRow]).parse(rows)[0].is_anybody;
}

export type NewUser = { id: string; email: string; username: string; passwordHash: string; workspaceName: string; createdAt: Date };

/** A person with the personal workspace, whose id is the person's, and the membership in it. Fails with 23505 when a login is taken. */
export async function insertUser(db: Queryable, user: NewUser): Promise<void> {
  await db.query(`INSERT INTO users (id, username, email, password_hash, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)`, [
    user.id,
    user.username,
    user.email,
    user.passwordHash,
    user.createdAt,
  ]);
  await db.query(`INSERT INTO workspaces (id, name, owner_user_id, created_at, updated_at) VALUES ($1, $2, $1, $3, $3)`, [
    user.id,
    user.workspaceName,
    user.createdAt,
  ]);
  await db.query(`INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $1, 'owner', $2)`, [
    user.id,
    user.createdAt,
  ]);
}

const UserRow = z.object({
  id: z.uuid(),
  email: z.string(),
  username: z.string(),
  workspace_id: z.uuid(),
  created_at: TimestampColumn,
  last_login_at: TimestampColumn.nullable(),
});

export async function findUser(db: Queryable, userId: string): Promise<User | undefined> {
  const { rows } = await db.query(
    `SELECT id, email, username, id AS workspace_id, created_at, last_login_at FROM users WHERE id = $1 AND is_active`,
    [userId],
  );
  return z.array(UserRow).parse(rows)[0];
}

export type NewSession = {
  id: string;
  workspaceId: string;
  userId: string;
  tokenSha256: string;
  expiresAt: Date;
  createdAt: Date;
  ipAddress: string | undefined;
  userAgent: string | undefined;
};

/** A session, and with it the time of the person's last login. */
export async function insertSession(db: Queryable, session: NewSession): Promise<void> {
  await db.query(
    `WITH login AS (UPDATE users SET last_login_at = $6 WHERE id = $3)
    INSERT INTO sessions (id, workspace_id, user_id, token, expires_at, created_at, ip_address, user_agent) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      session.id,
      session.workspaceId,
      session.userId,
      session.tokenSha256,
      session.expiresAt,
      session.createdAt,
      session.ipAddress ?? null,
      session.userAgent ?? null,
    ],
  );
}
