import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../local/state-folder.ts";
import { findHolder } from "../shared/platform/db/pglite/lock.ts";

/** Removes all that the embedded run has kept. Answers 2 while a process uses it. */
export async function main(): Promise<number> {
  const folder = stateFolder();
  const holder = findHolder(join(folder, "pg"));
  if (holder !== undefined) {
    process.stderr.write(`${folder} is in use by process ${holder}: stop it first.\n`);
    return 2;
  }
  process.stdout.write(existsSync(folder) ? `Removed ${folder}\n` : `There is no ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  return 0;
}
