import { execFile } from "node:child_process";
import { access, chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

export type NodeBinary = { readonly file: string; readonly version: string; remove(): Promise<void> };

/** The Node.js that this runs on. */
export const ownNode: NodeBinary = { file: process.execPath, version: process.version, remove: async () => undefined };

/**
 * Another Node.js, from npm into a folder of its own, which goes with `remove`.
 * @param major `24`, or a whole version
 * @throws Error of one sentence when npm cannot give it
 */
export async function installNode(major: string): Promise<NodeBinary> {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-node-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefer-offline"];
    await promisify(execFile)("npm", ["install", "--prefix", folder, ...quiet, `${name}@${major}`]);
    const file = path.join(folder, "node_modules", name, "bin/node");
    await access(file);
    await chmod(folder, 0o755);
    const { stdout } = await promisify(execFile)(file, ["--version"]);
    return { file, version: stdout.trim(), remove };
  } catch (cause) {
    await remove();
    throw new Error(`npm could not give Node.js ${major} (${name}@${major}): nothing was tested on it.`, { cause });
  }
}
