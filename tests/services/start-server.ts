import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A program that listens on a port of the loopback address and keeps its files in a folder of its own until it is stopped. */
export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root, so root starts the servers as nobody. */
const nobody = 65_534;
const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

export interface ServerProcess {
  readonly process: ChildProcess;
  /** What the server printed so far: the reason when it does not come up. */
  readonly printed: () => string;
}

/** A fresh folder that the servers' user owns. */
export async function createDataFolder(name: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), `cognition-${name}-`));
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
  return folder;
}

export function startProcess(file: string, args: readonly string[], libraryPath: string, cwd: string): ServerProcess {
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", LD_LIBRARY_PATH: libraryPath };
  const child = spawn(file, args, { ...identity, cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-4_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return { process: child, printed: () => printed.trim() };
}

export async function runToEnd(file: string, args: readonly string[], libraryPath: string, cwd: string): Promise<void> {
  const started = startProcess(file, args, libraryPath, cwd);
  const [code]: unknown[] = await once(started.process, "close");
  if (code !== 0) throw new Error(`${path.basename(file)} failed. ${started.printed()}`);
}

/** Asks `isReady` until it agrees; fails as soon as the program ends, or after half a minute. */
export async function waitUntilReady(server: ServerProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (server.process.exitCode !== null || server.process.signalCode !== null) break;
    if (await isReady()) return;
    await wait(50);
  }
  throw new Error(`${path.basename(server.process.spawnfile)} did not start. ${server.printed()}`);
}

export async function stopServer(server: ChildProcess, folder: string, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const closed = once(server, "close");
    server.kill(signal);
    await closed;
  }
  await rm(folder, { recursive: true, force: true });
}

/** A port of the loopback address that nobody listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.close();
  await once(server, "close");
  return port;
}
