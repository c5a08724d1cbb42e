import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { findHolder } from "../shared/platform/db/pglite/lock.ts";
import { writePrivateFile } from "./private-file.ts";

const ServerFile = z.object({ pid: z.int().positive(), url: z.url(), key_file: z.string() });
export type ServerFile = z.infer<typeof ServerFile>;

/** Says where the server of a state folder listens, so that commands find it. Returns what takes the file away again. */
export function writeServerFile(folder: string, server: ServerFile): () => void {
  const path = join(folder, "server.json");
  writePrivateFile(path, `${JSON.stringify(server)}\n`);
  return () => rmSync(path, { force: true });
}

/** The server that works on a state folder now; undefined when there is none, or one that was killed left its file. */
export function findRunningServer(folder: string): ServerFile | undefined {
  try {
    const server = ServerFile.parse(JSON.parse(readFileSync(join(folder, "server.json"), "utf8")));
    return findHolder(join(folder, "pg")) === server.pid ? server : undefined;
  } catch {
    return undefined;
  }
}
