import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../errors.ts";
import type { Database, Queryable } from "./database.ts";

export type Migration = { version: string; name: string; up: string; down: string; checksum: string };

export type MigrationStatus = {
  version: string;
  name: string;
  state: "applied" | "pending" | "changed" | "missing";
  applied_at: string | null;
};

/** Any number that no other advisory lock of this database uses. */
const LOCK = 4_211_806;

/** The migrations of a folder in their order: `NNNN_name.up.sql` with its `NNNN_name.down.sql`. */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".up.sql"));
  return names.toSorted().map((file) => {
    const [, version = "", name = ""] = /^(\d{4})_(\w+)\.up\.sql$/.exec(file) ?? [];
    if (version === "") throw new AppError("wrong-configuration", `${file} is not named NNNN_name.up.sql`);
    const up = readFileSync(join(folder, file), "utf8");
    const down = readFileSync(join(folder, `${version}_${name}.down.sql`), "utf8");
    return { version, name, up, down, checksum: createHash("sha256").update(up).digest("hex") };
  });
}

/** One hash over all migrations: a database built from others must not be mistaken for one built from these. */
export function hashMigrations(migrations: readonly Migration[]): string {
  return createHash("sha256")
    .update(migrations.map((migration) => migration.checksum).join())
    .digest("hex")
    .slice(0, 16);
}

/** Applies what is pending, each migration in a transaction of its own, and answers their versions. Refuses when an applied one has changed. */
export async function migrateUp(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  refuseChanged(await readMigrationStatus(database, migrations));
  const applied: string[] = [];
  for (const migration of migrations) {
    const isNew = await database.transact({ role: "owner" }, async (db) => {
      if ((await readApplied(db)).has(migration.version)) return false;
      await db.query(migration.up);
      await db.query("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", [
        migration.version,
        migration.name,
        migration.checksum,
      ]);
      return true;
    });
    if (isNew) applied.push(migration.version);
  }
  return applied;
}

/** Takes back the newest `steps` migrations, newest first, and answers their versions. */
export async function migrateDown(database: Database, migrations: readonly Migration[], steps: number): Promise<string[]> {
  const status = await readMigrationStatus(database, migrations);
  refuseChanged(status);
  const applied = migrations.filter((migration) => status.some((row) => row.version === migration.version && row.state === "applied"));
  const doomed = applied.toReversed().slice(0, steps);
  for (const migration of doomed) {
    await database.transact({ role: "owner" }, async (db) => {
      if (!(await readApplied(db)).has(migration.version)) return;
      await db.query(migration.down);
      await db.query("DELETE FROM schema_migrations WHERE version = $1", [migration.version]);
    });
  }
  return doomed.map((migration) => migration.version);
}

/** Every migration that the folder or the database knows, oldest first. */
export async function readMigrationStatus(database: Database, migrations: readonly Migration[]): Promise<MigrationStatus[]> {
  const applied = await database.transact({ role: "owner" }, readApplied);
  const known = migrations.map(({ version, name, checksum }): MigrationStatus => {
    const row = applied.get(version);
    if (row === undefined) return { version, name, state: "pending", applied_at: null };
    return { version, name, state: row.checksum === checksum ? "applied" : "changed", applied_at: row.applied_at };
  });
  const missing = [...applied.values()]
    .filter((row) => !migrations.some((migration) => migration.version === row.version))
    .map(({ version, name, applied_at }): MigrationStatus => ({ version, name, state: "missing", applied_at }));
  return [...known, ...missing].toSorted((left, right) => (left.version < right.version ? -1 : 1));
}

const AppliedRow = z.object({
  version: z.string(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.date().transform((date) => date.toISOString()),
});

/** Waits until nobody else migrates this database, and keeps others from it until the transaction ends. */
export async function lockMigrations(db: Queryable): Promise<void> {
  await db.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
}

/** What is applied, under the lock of all who migrate: even the table is made by one of them. */
async function readApplied(db: Queryable): Promise<Map<string, z.infer<typeof AppliedRow>>> {
  await lockMigrations(db);
  await db.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    version text PRIMARY KEY, name text NOT NULL, checksum char(64) NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
  const { rows } = await db.query("SELECT version, name, checksum, applied_at FROM schema_migrations ORDER BY version", []);
  return new Map(
    z
      .array(AppliedRow)
      .parse(rows)
      .map((row) => [row.version, row]),
  );
}

function refuseChanged(status: readonly MigrationStatus[]): void {
  const [bad] = status.filter((row) => row.state === "changed" || row.state === "missing");
  if (bad === undefined) return;
  const what = bad.state === "changed" ? "was changed after it had been applied" : "was applied but is not in the folder";
  throw new AppError("wrong-configuration", `Migration ${bad.version}_${bad.name} ${what}`);
}
