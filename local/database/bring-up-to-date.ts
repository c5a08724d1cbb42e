import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { hashMigrations, migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/seed-tools.ts";
import { upsertTools } from "../../shared/tools/sql.ts";

/** The hash of the migrations that a database folder has, so that a start need not open it twice to ask. */
const stampOf = (folder: string) => join(folder, "cognition-migrations");

export function stampMigrations(folder: string, hash: string): void {
  writeFileSync(stampOf(folder), hash);
}

/** Before somebody changes the schema by hand: the next start looks again. */
export function unstampMigrations(folder: string): void {
  rmSync(stampOf(folder), { force: true });
}

/**
 * Applies what the sources have learned since this database folder was made, and answers the versions: whoever updates the sources goes on with
 * the runs that there are.
 * @throws AppError `wrong-configuration` when the folder was made by newer sources
 */
export async function bringUpToDate(root: string, folder: string): Promise<string[]> {
  const migrations = readMigrations(join(root, "migrations"));
  const hash = hashMigrations(migrations);
  const stamp = stampOf(folder);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return [];
  const database = await openDatabase(`pglite:${folder}`, { asOwner: true });
  try {
    const applied = await migrateUp(database, migrations);
    await database.transact({ role: "owner" }, (db) => upsertTools(db, seedTools, uuidv7));
    stampMigrations(folder, hash);
    return applied;
  } finally {
    await database.close();
  }
}
