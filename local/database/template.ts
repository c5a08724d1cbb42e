import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { hashMigrations, migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/registry.ts";
import { upsertTools } from "../../shared/tools/sql.ts";

/**
 * The embedded database begins as a copy of a closed, migrated folder: making one takes seconds, copying it half of one. Kept by the hash
 * of the migrations, so that a change of them makes another.
 */
export async function ensureTemplate(root: string): Promise<string> {
  const migrations = readMigrations(join(root, "migrations"));
  const folder = join(root, "dist/local/database", hashMigrations(migrations));
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  const database = await openDatabase(`pglite:${unfinished}`, { asOwner: true });
  try {
    await migrateUp(database, migrations);
    await database.transact({ role: "owner" }, async (db) => {
      await db.query("CREATE ROLE cognition LOGIN NOSUPERUSER NOBYPASSRLS; GRANT app, engine TO cognition");
      await upsertTools(db, seedTools, uuidv7);
    });
  } finally {
    await database.close();
  }
  // Another process may have been faster; its folder is the same.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true, force: true });
  else renameSync(unfinished, folder);
  return folder;
}

/** Makes the database folder if there is none. */
export async function ensureDatabase(root: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const template = await ensureTemplate(root);
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = `${folder}.${process.pid}`;
  cpSync(template, unfinished, { recursive: true });
  renameSync(unfinished, folder);
}
