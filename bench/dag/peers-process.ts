import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as z from "zod";
import type { Shape } from "./shapes.ts";

export type Peers = {
  /** Carries out as many DAGs of a shape at once. Answers the seconds that it took. */
  run(engine: string, shape: Shape, count: number): Promise<number>;
  stop(): Promise<void>;
};

const Answer = z.union([z.object({ seconds: z.number().positive() }), z.object({ error: z.string() })]);

/** Starts `serve.mjs` in a folder where it is installed, on another Node.js than ours, with one database for each engine. */
export async function startPeers(node: string, folder: string, urls: readonly string[]): Promise<Peers> {
  const child = spawn(node, ["serve.mjs", ...urls], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const line = z.object({ value: z.string().optional() }).parse(await lines.next()).value;
    if (line === undefined) throw new Error("the engines of others have ended");
    return line;
  };
  if ((await next()) !== "ready") throw new Error("the engines of others did not start");
  return {
    async run(engine, shape, count) {
      child.stdin.write(`${JSON.stringify({ engine, shape, count })}\n`);
      const answer = Answer.parse(JSON.parse(await next()));
      if ("error" in answer) throw new Error(`${engine}: ${answer.error}`);
      return answer.seconds;
    },
    async stop() {
      child.kill();
      await ended;
    },
  };
}
