import * as z from "zod";
import { AppError } from "../errors.ts";
import type { Queryable } from "./database.ts";

/** From 0.8 on an index scan goes on until a filtered query has its rows. */
const LEAST = [0, 8] as const;

const Versions = z.object({ offered: z.string(), installed: z.string().nullable() });

/**
 * Answers the version of pgvector that the database has or will be given by the first migration; one that is older than what the server
 * offers, and too old, is brought up to it. Runs as the owner.
 * @throws AppError `wrong-configuration` when the server offers none that is recent enough
 */
export async function requireVector(db: Queryable): Promise<string> {
  const { rows } = await db.query(
    `SELECT default_version AS offered, installed_version AS installed FROM pg_available_extensions WHERE name = 'vector'`,
  );
  const [found] = z.array(Versions).parse(rows);
  const version = found?.installed ?? found?.offered;
  if (found === undefined || version === undefined || !isRecent(found.offered)) {
    throw new AppError("wrong-configuration", `The database offers pgvector ${version ?? "in no version"}; 0.8 or later is needed`);
  }
  if (isRecent(version)) return version;
  await db.query("ALTER EXTENSION vector UPDATE");
  return found.offered;
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}
