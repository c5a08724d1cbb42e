import { existsSync, rmSync } from "node:fs";
import { findRunningServer } from "../local/server-file.ts";
import { stateFolder } from "../local/state-folder.ts";

/** Removes all that the embedded run has kept. Answers 2 while a server uses it. */
export async function main(): Promise<number> {
  const folder = stateFolder();
  const server = findRunningServer(folder);
  if (server !== undefined) {
    process.stderr.write(`${folder} is in use by process ${server.pid} (${server.url}): stop it first.\n`);
    return 2;
  }
  process.stdout.write(existsSync(folder) ? `Removed ${folder}\n` : `There is no ${folder}\n`);
  rmSync(folder, { recursive: true, force: true });
  return 0;
}
