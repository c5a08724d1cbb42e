import { randomUUID } from "node:crypto";
import pg from "pg";
import { type Database, openDatabase } from "../../shared/platform/db/database.ts";
import { migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/registry.ts";
import { upsertTools } from "../../shared/tools/sql.ts";

/** An empty, migrated database of its own on the test server, opened as a login without privileges that may be app and engine. */
export async function createFreshDatabase(poolSize: number): Promise<{ database: Database; owner: Database; drop: () => Promise<void> }> {
  const serverUrl = process.env["DATABASE_URL"] ?? "";
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(serverUrl, `CREATE DATABASE ${name}`);
  const ownerUrl = withDatabase(serverUrl, name);
  const owner = await openDatabase(ownerUrl);
  await migrateUp(owner, readMigrations("migrations"));
  await owner.transact({ role: "owner" }, async (db) => {
    await upsertTools(db, seedTools, uuidv7);
    await db.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' NOSUPERUSER NOBYPASSRLS; GRANT app, engine TO ${name}`);
  });
  const login = new URL(ownerUrl);
  login.username = name;
  login.password = name;
  const database = await openDatabase(login.href, { poolSize });
  return {
    database,
    owner,
    async drop() {
      await Promise.all([database.close(), owner.close()]);
      await onServer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
      await onServer(serverUrl, `DROP ROLE ${name}`);
    },
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
