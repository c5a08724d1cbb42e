import * as z from "zod";
import type { Queryable } from "./database.ts";

/** Who logs in, and the one role that a login may take on: it has no right of its own. */
export type Login = { readonly name: string; readonly memberOf: "app" | "engine" };

/** HTTP functions see one workspace a transaction; conductor and ledger see the runs of all and no people. */
export const deployedLogins: readonly Login[] = [
  { name: "cognition_http", memberOf: "app" },
  { name: "cognition_engine", memberOf: "engine" },
];

/**
 * What each session of a login begins with. A frozen function keeps its connection open, and one that was killed in a transaction would
 * keep its locks: the server ends both. Compiling a plan costs more than any statement here runs.
 */
const SETTINGS = { idle_session_timeout: "3min", idle_in_transaction_session_timeout: "60s", jit: "off" };

/** Makes a login without a password, or makes an existing one anew what it should be. Runs as the owner. */
export async function ensureLogin(db: Queryable, { name, memberOf }: Login): Promise<void> {
  const { isThere, hasIam } = await lookAtRoles(db, name);
  const statements = [
    `${isThere ? "ALTER" : "CREATE"} ROLE ${name} LOGIN NOINHERIT`,
    `GRANT ${memberOf} TO ${name}`,
    // RDS then takes a signed token in place of a password, and nothing else.
    ...(hasIam ? [`GRANT rds_iam TO ${name}`] : []),
    ...Object.entries(SETTINGS).map(([setting, value]) => `ALTER ROLE ${name} SET ${setting} = '${value}'`),
  ];
  await db.query(statements.join("; "));
}

const Roles = z.tuple([z.object({ isThere: z.boolean(), hasIam: z.boolean() })]);

async function lookAtRoles(db: Queryable, name: string): Promise<z.infer<typeof Roles>[0]> {
  const { rows } = await db.query(
    `SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS "isThere", EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam') AS "hasIam"`,
    [name],
  );
  return Roles.parse(rows)[0];
}
