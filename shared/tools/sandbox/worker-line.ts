import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { failure, type GuestFailureCode, type GuestRequest, type GuestResult } from "./wire.ts";

/** After its limit a program has this long to be ended by the engine itself, which keeps its logs; then its thread is killed. */
const GRACE_MS = 250;

/** Tasks that run side by side bring their programs in pairs. */
const STANDBYS = 2;

/**
 * Runs each program in a fresh worker thread and throws it away. Others stand by, so that neither a run nor the one right after it waits
 * for the engine to load.
 */
export function createWorkerLine(entry: URL, engine: WebAssembly.Module): (request: GuestRequest) => Promise<GuestResult> {
  const standbys = Array.from({ length: STANDBYS }, () => startWorker(entry, engine));
  return async (request) => {
    const current = standbys.shift() ?? startWorker(entry, engine);
    try {
      const worker = await current;
      return await raceAgainstClock(worker, request).finally(() => void worker.terminate());
    } catch (error) {
      return failure(...explainCrash(error));
    } finally {
      standbys.push(startWorker(entry, engine));
    }
  };
}

function startWorker(entry: URL, engine: WebAssembly.Module): Promise<Worker> {
  const worker = new Worker(entry, {
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 },
  });
  // An error is met by whoever waits for the worker; one that comes after its end concerns nobody, and must not end this process.
  worker.on("error", () => undefined);
  worker.stdout.resume();
  worker.stderr.resume();
  worker.postMessage(engine);
  const ready = once(worker, "message").then(() => worker);
  // A standby that dies is met, and told, by the run that takes it.
  ready.catch(() => undefined);
  return ready;
}

async function raceAgainstClock(worker: Worker, request: GuestRequest): Promise<GuestResult> {
  const settled = new AbortController();
  const overdue = new Promise<GuestResult>((resolve) => {
    const timer = setTimeout(
      () => resolve(failure("timeout", `The program ran longer than ${request.timeMs} ms`)),
      request.timeMs + GRACE_MS,
    );
    settled.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const exited = once(worker, "exit", settled).then(() => failure("crashed", "The program ended its own thread"));
  const answered = new Promise<GuestResult>((resolve) => worker.once("message", resolve));
  worker.postMessage(request);
  return Promise.race([answered, exited, overdue]).finally(() => settled.abort());
}

function explainCrash(error: unknown): [GuestFailureCode, string] {
  const isMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isMemory ? ["memory", "The program needed more memory than its limit"] : ["crashed", "The program broke the engine it ran in"];
}
