import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureDatabase } from "../local/database/template.ts";
import { type Database, openDatabase } from "../shared/platform/db/database.ts";

/**
 * An empty, migrated database of its own on this machine: PGlite, opened as the role that row-level security holds, after its owner
 * has prepared it. */
export async function openTestDatabase(
  prepare?: (owner: Database) => Promise<void>,
): Promise<{ database: Database; close: () => Promise<void> }> {
  const parent = await mkdtemp(path.join(tmpdir(), "cognition-database-"));
  const folder = path.join(parent, "pg");
  await ensureDatabase(process.env["COGNITION_ROOT"] ?? path.resolve(import.meta.dirname, ".."), folder);
  if (prepare !== undefined) {
    const owner = await openDatabase(`pglite:${folder}`, { asOwner: true });
    await prepare(owner);
    await owner.close();
  }
  const database = await openDatabase(`pglite:${folder}`);
  return {
    database,
    async close() {
      await database.close();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
