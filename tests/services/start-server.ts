import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A program that listens on the loopback address and keeps its files in a folder of its own until it is stopped. */
export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

export type Program = { readonly file: string; readonly args: readonly string[]; readonly libraryPath: string; readonly folder: string };
export type Recipe = {
  readonly name: string;
  /** Asks for an orderly end. */
  readonly stopSignal: "SIGINT" | "SIGTERM";
  /** Makes the folder ready for the server, and tells how to start and to reach it. */
  prepare(folder: string, port: number): Promise<{ readonly program: Program; readonly url: string }>;
  isReady(url: string): Promise<boolean>;
};

/** PostgreSQL refuses to run as root, so root starts the servers as nobody. */
const nobody = 65_534;
const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** What a server shows to who asks for TLS, as PEM. */
export type ServerIdentity = { readonly certificate: string; readonly privateKey: string };

/** Lays it into the server's folder, where only the server's user may read it. Answers where. */
export async function writeIdentity(
  folder: string,
  { certificate, privateKey }: ServerIdentity,
): Promise<{ certificate: string; key: string }> {
  const files = { certificate: path.join(folder, "server.pem"), key: path.join(folder, "server.key") };
  await Promise.all([writeOwn(files.certificate, certificate), writeOwn(files.key, privateKey)]);
  return files;
}

async function writeOwn(file: string, contents: string): Promise<void> {
  await writeFile(file, contents, { mode: 0o600 });
  if (identity.uid !== undefined) await chown(file, identity.uid, identity.gid);
}

/** Starts a server on a free port and waits until it answers. Whatever fails on the way, neither a process nor a folder is left. */
export async function startServer({ name, stopSignal, prepare, isReady }: Recipe): Promise<RunningServer> {
  const folder = await mkdtemp(path.join(tmpdir(), `cognition-${name}-`));
  const started: Started[] = [];
  const stop = async () => {
    for (const { child } of started) await stopProcess(child, stopSignal);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
    const { program, url } = await prepare(folder, await findFreePort());
    const server = startProgram(program, stopSignal);
    started.push(server);
    await waitUntilReady(server, async () => await isReady(url));
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Started = { readonly name: string; readonly child: ChildProcess; readonly printed: () => string };

/** A server must not outlive whoever started it, however that ends: the kernel sends it the signal then. */
function startProgram({ file, args, libraryPath, folder }: Program, parentDied: string): Started {
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", LD_LIBRARY_PATH: libraryPath };
  const command = ["--pdeathsig", parentDied.slice(3), "--", file, ...args];
  const child = spawn("setpriv", command, { ...identity, cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-4_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.on("error", (error) => {
    printed += error.message;
  });
  return { name: path.basename(file), child, printed: () => printed.trim() };
}

/** Runs a program to its end, as the user that the servers run as. */
export async function runProgram(program: Program): Promise<void> {
  const { name, child, printed } = startProgram(program, "SIGTERM");
  await once(child, "close");
  if (child.exitCode !== 0) throw new Error(`${name} failed. ${printed()}`);
}

/** Fails as soon as the program ends, or after half a minute. */
async function waitUntilReady({ name, child, printed }: Started, isReady: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600 && isRunning(child); attempt += 1) {
    if (await isReady()) return;
    await wait(50);
  }
  throw new Error(`${name} did not start. ${printed()}`);
}

async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return;
  const closed = once(child, "close");
  child.kill(signal);
  const impatience = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await closed;
  clearTimeout(impatience);
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** A port of the loopback address that nobody listens on at this moment. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The loopback address gave no port.");
  return address.port;
}
