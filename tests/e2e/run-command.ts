import { spawn } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

export type Outcome = { code: number | null; stdout: string; stderr: string };

export type Command = {
  readonly ended: Promise<Outcome>;
  /** What a terminal does at Ctrl-C: every process of the group gets the signal. */
  interrupt(): void;
};

/** One of the product's commands as a process of its own, such as `["goal", "…"]`, on a state folder of its own. */
export function startCommand(home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, LOG_LEVEL: _level, ...inherited } = process.env;
  const child = spawn(process.execPath, [path.join(root, "local/launch.mjs"), ...args], {
    cwd: root,
    env: { ...inherited, COGNITION_HOME: home, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].setEncoding("utf8").on("data", (text: string) => (texts[name] += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...texts }));
  });
  return { ended, interrupt: () => process.kill(-(child.pid ?? 0), "SIGINT") };
}

export function runCommand(home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return startCommand(home, args, env).ended;
}
