import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../../shared/platform/db/database.ts";
import { deployedLogins, ensureLogin } from "../../shared/platform/db/logins.ts";
import { migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";

/** In memory. The server that the other tests here use may be older than these rules. */
let engine: PGlite;

beforeEach(async () => {
  engine = await PGlite.create({ extensions: { vector } });
  // RDS lets its master create this extension, and pass on rds_iam.
  await engine.exec(`CREATE EXTENSION vector; CREATE ROLE rds_iam; CREATE ROLE master CREATEROLE CREATEDB;
    GRANT rds_iam TO master WITH ADMIN OPTION; ALTER DATABASE postgres OWNER TO master; SET ROLE master`);
});
afterEach(() => engine.close());

/** As far as migrations need one. */
function asDatabase(pglite: PGlite): Database {
  return {
    transact: (_, work) =>
      pglite.transaction(({ query, exec }) =>
        work({
          async query(text, values) {
            if (values === undefined) return { rows: (await exec(text)).at(-1)?.rows ?? [], rowCount: 0 };
            const { rows, affectedRows = rows.length } = await query(text, [...values]);
            return { rows, rowCount: affectedRows };
          },
        }),
      ),
    close: () => pglite.close(),
  };
}

test("a master that is no superuser migrates and makes the logins, by the rules on roles that came with PostgreSQL 16", async () => {
  const database = asDatabase(engine);
  const migrations = readMigrations("migrations");
  const who = await engine.query(
    "SELECT current_user AS name, current_setting('is_superuser') AS super, current_setting('server_version_num')::int > 160000 AS recent",
  );
  const applied = await migrateUp(database, migrations);
  for (const login of [...deployedLogins, ...deployedLogins]) await database.transact({ role: "owner" }, (db) => ensureLogin(db, login));

  expect(who.rows).toEqual([{ name: "master", super: "off", recent: true }]);
  expect(applied).toHaveLength(migrations.length);
  const { rows } = await engine.query(
    `SELECT m.rolname AS login, g.rolname AS role, a.inherit_option, a.set_option FROM pg_auth_members a
      JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member WHERE m.rolname LIKE 'cognition%' ORDER BY 1, 2`,
  );
  expect(rows).toEqual([
    { login: "cognition_engine", role: "engine", inherit_option: false, set_option: true },
    { login: "cognition_engine", role: "rds_iam", inherit_option: false, set_option: true },
    { login: "cognition_http", role: "app", inherit_option: false, set_option: true },
    { login: "cognition_http", role: "rds_iam", inherit_option: false, set_option: true },
  ]);
});
