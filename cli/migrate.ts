import { join } from "node:path";
import { unstampMigrations } from "../local/database/bring-up-to-date.ts";
import { ensureDatabase } from "../local/database/template.ts";
import { projectRoot, stateFolder } from "../local/state-folder.ts";
import { type Database, openDatabase } from "../shared/platform/db/database.ts";
import { type Migration, migrateDown, migrateUp, readMigrationStatus, readMigrations } from "../shared/platform/db/migrate.ts";
import { uuidv7 } from "../shared/platform/ids.ts";
import { seedTools } from "../shared/tools/seed-tools.ts";
import { upsertTools } from "../shared/tools/sql.ts";

const USAGE = `Usage: npm run migrate -- up | down [STEPS] | status | seed
Works on DATABASE_URL, or on the embedded database in .cognition/pg when that is not set.
`;

/** Migrates a database as its owner. Answers 0, or 2 for a wrong use. */
export async function main([command = "", steps = "1", ...rest]: string[]): Promise<number> {
  const count = Number(steps);
  const isUnderstood = ["up", "down", "status", "seed"].includes(command) && Number.isInteger(count) && count > 0 && rest.length === 0;
  if (!isUnderstood) {
    process.stderr.write(USAGE);
    return 2;
  }
  const migrations = readMigrations(join(projectRoot(), "migrations"));
  const database = await openAsOwner();
  try {
    await act(command, count, database, migrations);
    return 0;
  } finally {
    await database.close();
  }
}

async function openAsOwner(): Promise<Database> {
  const url = process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return openDatabase(url, { asOwner: true });
  const folder = join(stateFolder(), "pg");
  await ensureDatabase(projectRoot(), folder);
  unstampMigrations(folder);
  return openDatabase(`pglite:${folder}`, { asOwner: true });
}

async function act(command: string, steps: number, database: Database, migrations: Migration[]): Promise<void> {
  switch (command) {
    case "up":
      return print("applied", await migrateUp(database, migrations));
    case "down":
      return print("taken back", await migrateDown(database, migrations, steps));
    case "seed":
      await database.transact({ role: "owner" }, (db) => upsertTools(db, seedTools, uuidv7));
      return print(
        "tools written",
        seedTools.map((tool) => tool.name),
      );
    default:
      for (const { version, name, state, applied_at } of await readMigrationStatus(database, migrations)) {
        process.stdout.write(`${version}_${name}\t${state}\t${applied_at ?? ""}\n`);
      }
  }
}

function print(what: string, names: readonly string[]): void {
  process.stdout.write(`${what}: ${names.length === 0 ? "nothing" : names.join(", ")}\n`);
}
