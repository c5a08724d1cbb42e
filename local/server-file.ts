import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const ServerFile = z.object({ pid: z.int().positive(), url: z.url(), key_file: z.string() });
export type ServerFile = z.infer<typeof ServerFile>;

/** Says where the server of a state folder listens, so that commands find it. Returns what takes the file away again. */
export function writeServerFile(folder: string, server: ServerFile): () => void {
  const path = join(folder, "server.json");
  writeFileSync(path, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/** The server that works on a state folder now; undefined when there is none, or one that was killed left its file. */
export function findRunningServer(folder: string): ServerFile | undefined {
  try {
    const server = ServerFile.parse(JSON.parse(readFileSync(join(folder, "server.json"), "utf8")));
    process.kill(server.pid, 0);
    return server;
  } catch {
    return undefined;
  }
}
