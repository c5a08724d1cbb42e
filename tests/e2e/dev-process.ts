import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Api, openApi } from "./api.ts";

const root = path.resolve(import.meta.dirname, "../..");

export type Ending = { code: number | null; signal: NodeJS.Signals | null; stderr: string };

/** `npm run dev` as a process of its own, on any free port. */
export type DevProcess = {
  readonly pid: number;
  /** Rejects when it ends before it listens. */
  readonly listening: Promise<{ url: string; keyFile: string }>;
  readonly ended: Promise<Ending>;
  kill(signal: NodeJS.Signals): Promise<Ending>;
  /** What a terminal does at Ctrl-C: every process of the group gets the signal. */
  interrupt(): Promise<Ending>;
};

const started = new Set<DevProcess>();

export function startDev(home: string, env: Record<string, string> = {}): DevProcess {
  const child = spawn(process.execPath, [path.join(root, "local/launch.mjs"), "dev"], {
    cwd: root,
    env: { ...process.env, COGNITION_HOME: home, PORT: "0", LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let stderr = "";
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stderr }));
  });
  const listening = new Promise<{ url: string; keyFile: string }>((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      const [, url, keyFile] = /listening on (\S+)\nAPI key of the admin: (.+)\n/.exec(stderr) ?? [];
      if (url !== undefined && keyFile !== undefined) resolve({ url, keyFile });
    });
    ended.then(({ code, signal }) => reject(new Error(`It ended with ${code ?? signal} before it listened: ${stderr}`)), reject);
  });
  // Whoever waits for neither still learns of it by `ended`.
  listening.catch(() => undefined);
  const pid = child.pid ?? 0;
  const dev: DevProcess = {
    pid,
    listening,
    ended,
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
    async interrupt() {
      process.kill(-pid, "SIGINT");
      return ended;
    },
  };
  started.add(dev);
  void ended.finally(() => started.delete(dev));
  return dev;
}

/** Ends whatever a failed test left running. */
export async function killAll(): Promise<void> {
  await Promise.all([...started].map((dev) => dev.kill("SIGKILL")));
}

/** The API of a server, once it listens, with its admin's key. */
export async function reach(dev: DevProcess): Promise<Api> {
  const { url, keyFile } = await dev.listening;
  return openApi(url, readFileSync(keyFile, "utf8").trim());
}

const POLL_EVERY = 20;
const PATIENCE = 30_000;

/** Waits for something to become true. The bound only tells a hung test from a slow one. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`In ${PATIENCE / 1_000} s it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY));
  }
}
