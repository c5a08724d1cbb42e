import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../local/state-folder.ts";
import { findHolder } from "../shared/platform/db/pglite/lock.ts";

/** The names of all that the embedded run keeps, of what it leaves half-written when it is killed, and of its locks. */
const KEPT = /^(?:pg(?:\.\d.*|\.lock\..+)?|dynamodb|s3|(?:admin\.key|server\.json|signing-key\.json)(?:\.writing)?)$/;

/**
 * Removes all that the embedded run has kept, and nothing else: COGNITION_HOME may name a folder with other things in it. Answers 2 while a
 * process uses it.
 */
export async function main(): Promise<number> {
  const folder = stateFolder();
  const holder = findHolder(join(folder, "pg"));
  if (holder !== undefined) {
    process.stderr.write(`${folder} is in use by process ${holder}: stop it first.\n`);
    return 2;
  }
  process.stdout.write(`${remove(folder)}\n`);
  return 0;
}

function remove(folder: string): string {
  if (!existsSync(folder)) return `There is no ${folder}`;
  const names = readdirSync(folder);
  const kept = names.filter((name) => KEPT.test(name));
  for (const name of kept) rmSync(join(folder, name), { recursive: true, force: true });
  if (kept.length < names.length) return `Removed the state from ${folder}; what else is in it is left`;
  rmdirSync(folder);
  return `Removed ${folder}`;
}
