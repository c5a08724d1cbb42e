import { renameSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner may read. It is there as a whole or as it was before, whenever the process dies. */
export function writePrivateFile(path: string, text: string): void {
  const unfinished = `${path}.writing`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, path);
}
