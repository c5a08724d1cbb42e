import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { hashMigrations, migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/seed-tools.ts";
import { upsertTools } from "../../shared/tools/sql.ts";
import { stampMigrations } from "./bring-up-to-date.ts";

/**
 * The embedded database begins as a copy of a closed, migrated folder: making one takes seconds, copying it half of one. Kept by the hash
 * of the migrations, so that a change of them makes another.
 */
export async function ensureTemplate(root: string): Promise<string> {
  const migrations = readMigrations(join(root, "migrations"));
  const folder = join(root, "dist/local/database", hashMigrations(migrations));
  if (existsSync(folder)) return folder;
  const unfinished = beginFolder(folder);
  const database = await openDatabase(`pglite:${unfinished}`, { asOwner: true });
  try {
    await migrateUp(database, migrations);
    await database.transact({ role: "owner" }, async (db) => {
      await db.query("CREATE ROLE cognition LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS; GRANT app, engine TO cognition");
      await upsertTools(db, seedTools, uuidv7);
    });
  } finally {
    await database.close();
  }
  finishFolder(unfinished, folder);
  return folder;
}

/** Makes the database folder if there is none. */
export async function ensureDatabase(root: string, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const template = await ensureTemplate(root);
  const unfinished = beginFolder(folder);
  cpSync(template, unfinished, { recursive: true });
  stampMigrations(unfinished, basename(template));
  finishFolder(unfinished, folder);
}

/** Where this process makes a folder that is to appear whole; clears away what others had begun when they died. */
function beginFolder(folder: string): string {
  mkdirSync(dirname(folder), { recursive: true });
  for (const name of readdirSync(dirname(folder))) {
    const [, base, pid] = /^(\w+)\.(\d+)(?:\.lock\..+)?$/.exec(name) ?? [];
    if (base === basename(folder) && !isAlive(Number(pid))) rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
  return `${folder}.${process.pid}`;
}

function finishFolder(unfinished: string, folder: string): void {
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    // Another process was faster; its folder is the same.
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** A process that had this one's pid is dead as well. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
