import { join } from "node:path";
import { findSecret } from "../../shared/platform/aws/secrets.ts";
import { readCodeFolder, readVariable } from "../../shared/platform/config/env.ts";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { deployedLogins, ensureLogin } from "../../shared/platform/db/logins.ts";
import { lockMigrations, migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { requireVector } from "../../shared/platform/db/require-vector.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { log, withLogContext } from "../../shared/platform/log/logger.ts";
import { seedTools } from "../../shared/tools/seed-tools.ts";
import { upsertTools } from "../../shared/tools/sql.ts";

/** What a deployment's log shows; `applied` holds the versions that were new. */
export type MigrateAnswer = { applied: string[]; tools: string[]; logins: string[]; vector: string };

/** A deployment can wait for a database that has slept for long. */
const CONNECT_MILLISECONDS = 60_000;

/**
 * Brings the database to this version of the product: migrations, tools and logins. Invoked while a deployment is made, which fails when
 * this throws. Doing it again, or twice at once, changes nothing more.
 */
export async function handler(): Promise<MigrateAnswer> {
  return withLogContext({ service: "orchestrator" }, async () => {
    const answer = await bringUp();
    log.info("the database is up to date", answer);
    return answer;
  });
}

async function bringUp(): Promise<MigrateAnswer> {
  const migrations = readMigrations(join(readCodeFolder(), "migrations"));
  const database = await openDatabase(readVariable("DATABASE_URL"), {
    asOwner: true,
    connectTimeout: CONNECT_MILLISECONDS,
    findSecret: (id) => findSecret(id),
  });
  try {
    const vector = await database.transact({ role: "owner" }, requireVector);
    const applied = await migrateUp(database, migrations);
    await database.transact({ role: "owner" }, async (db) => {
      await lockMigrations(db);
      await upsertTools(db, seedTools, uuidv7);
      for (const login of deployedLogins) await ensureLogin(db, login);
    });
    return { applied, tools: seedTools.map(({ name }) => name), logins: deployedLogins.map(({ name }) => name), vector };
  } finally {
    await database.close();
  }
}
