import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { SQSEvent } from "aws-lambda";
import { build } from "esbuild";
import * as z from "zod";
import { functionOptions } from "../../../local/build/bundle-function.ts";
import { createDeferred } from "../../parity/lambda/deferred.ts";

export type Worker = { readonly name: string; readonly child: ChildProcess; readonly isBusy: () => boolean };

export type Workers = {
  /** Hands a batch to a worker that is alive; rejects when it dies of it. */
  invoke(queue: string, event: SQSEvent): Promise<unknown>;
  alive(): Worker[];
  /** `kill -9`; another one takes its place. Resolves when the process is gone. */
  kill(worker: Worker): Promise<void>;
  close(): Promise<void>;
};

const Message = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ id: z.int(), failures: z.unknown() }),
  z.object({ id: z.int(), error: z.string() }),
]);

type Pending = { resolve: (answer: unknown) => void; reject: (error: Error) => void };

/** Processes of their own that work off batches: `count` at any time, and as many that wait to take the place of one that is killed. */
export async function startWorkers(count: number, env: Record<string, string>): Promise<Workers> {
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-worker-"));
  const file = await bundleWorker(folder);
  let started = 0;
  let orders = 0;
  let isClosing = false;
  const pool: (Worker & { pending: Map<number, Pending> })[] = [];
  const standby: Promise<(typeof pool)[number]>[] = [];
  const start = () => startWorker(file, `worker-${(started += 1)}`, env);
  for (let index = 0; index < count; index += 1) standby.push(start());
  pool.push(...(await Promise.all(Array.from({ length: count }, start))));
  return {
    invoke(queue, event) {
      const worker = pool[orders % pool.length];
      if (worker === undefined) return Promise.reject(new Error("every worker is dead"));
      const id = (orders += 1);
      return new Promise((resolve, reject) => {
        worker.pending.set(id, { resolve, reject });
        // Whoever was killed a moment ago takes nothing more: the message comes back, as from a function that failed.
        worker.child.send({ id, queue, event }, (error) => {
          if (error !== null) reject(error);
        });
      });
    },
    alive: () => [...pool],
    async kill(worker) {
      const place = pool.findIndex((one) => one.name === worker.name);
      if (place === -1) return;
      pool.splice(place, 1);
      const next = standby.shift();
      if (!isClosing) standby.push(start());
      const gone = once(worker.child, "exit");
      worker.child.kill("SIGKILL");
      await gone;
      if (next !== undefined) pool.push(await next);
    },
    async close() {
      isClosing = true;
      const all = [...pool, ...(await Promise.all(standby))];
      await Promise.all(
        all.map(async ({ child }) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const gone = once(child, "exit");
          child.kill("SIGKILL");
          await gone;
        }),
      );
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As functions are bundled, because a process that is killed every second must come up in less. */
async function bundleWorker(folder: string): Promise<string> {
  const entryPoints = { worker: path.resolve(import.meta.dirname, "worker.ts") };
  await build({ ...functionOptions, outExtension: { ".js": ".mjs" }, entryPoints, outdir: folder });
  return pathToFileURL(path.join(folder, "worker.mjs")).href;
}

async function startWorker(file: string, name: string, env: Record<string, string>) {
  const program = "await (await import(process.argv[1])).main()";
  const child = spawn(process.execPath, ["--input-type=module", "-e", program, file], {
    env: { PATH: process.env["PATH"], ...env, WORKER: name },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const pending = new Map<number, Pending>();
  const ready = createDeferred<true>();
  child.on("message", (received) => {
    const message = Message.parse(received);
    if ("ready" in message) return ready.resolve(true);
    const order = pending.get(message.id);
    pending.delete(message.id);
    if ("error" in message) order?.reject(new Error(message.error));
    else order?.resolve(message.failures);
  });
  child.on("exit", () => {
    const death = new Error(`${name} has died`);
    ready.reject(death);
    for (const order of pending.values()) order.reject(death);
  });
  await ready.promise;
  return { name, child, pending, isBusy: () => pending.size > 0 };
}
