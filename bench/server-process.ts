import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import * as z from "zod";
import { type Client, createClient } from "../cli/client.ts";
import { projectRoot } from "../local/state-folder.ts";

export type ServerProcess = {
  pid: number;
  url: string;
  client: Client;
  /** Milliseconds from the start of `node` until it listened. */
  startMs: number;
  stop(): Promise<void>;
};

/** `npm run dev` on a free port, as a process of its own. */
export async function startServer(folder: string): Promise<ServerProcess> {
  const started = performance.now();
  const child = launch(["dev"], { COGNITION_HOME: folder, PORT: "0", LOG_LEVEL: "warn" });
  child.stdout.resume();
  const [, url = "", keyFile = ""] = await readUntil(child, /listening on (\S+)\nAPI key of the admin: (.+)\n/);
  const startMs = performance.now() - started;
  const { pid } = child;
  if (pid === undefined) throw new Error("The server has no process");
  return {
    pid,
    url,
    client: createClient(url, readFileSync(keyFile, "utf8").trim()),
    startMs,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Asks for the health of a server at a steady rate; `stop` answers how many milliseconds each answer took. */
export async function probeHealth(url: string): Promise<{ stop(): Promise<number[]> }> {
  const child = launch(["run", "bench/probe-health.ts", url], {});
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await readUntil(child, /ready\n/);
  return {
    async stop() {
      const ended = once(child, "close");
      child.stdin.end();
      await ended;
      return z.array(z.number()).min(1).parse(JSON.parse(text));
    },
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function launch(args: readonly string[], env: Record<string, string>): Child {
  const root = projectRoot();
  const options = { cwd: root, env: { ...process.env, ...env } };
  return spawn(process.execPath, [join(root, "local/launch.mjs"), ...args], { ...options, stdio: ["pipe", "pipe", "pipe"] });
}

function readUntil(child: Child, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const found = pattern.exec(text);
      if (found !== null) resolve(found);
    });
    child.once("exit", () => reject(new Error(`It ended: ${text}`)));
  });
}
