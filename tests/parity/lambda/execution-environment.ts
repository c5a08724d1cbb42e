import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { createDeferred, type Deferred } from "./deferred.ts";
import { FunctionError } from "./function-error.ts";
import { type Invocation, openRuntimeApi, type Reply } from "./runtime-api.ts";

export type EnvironmentSettings = {
  /** The Node.js that runs it. */
  readonly node: string;
  /** Of the bundle; also what it is started in. */
  readonly folder: string;
  /** All that it finds in its environment, but for the address of its Runtime API. */
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Each line that the process prints. */
  readonly onLine: (line: string) => void;
  /** It ended by itself or was stopped after its timeout. */
  readonly onDeath: (error: FunctionError) => void;
};

/**
 * A process with one function in it. Between invocations all its processes are stopped, as Lambda freezes them: no timer runs and nothing
 * is read from a socket.
 */
export type ExecutionEnvironment = {
  /** One at a time. @throws FunctionError when the function threw, ran out of time or its process ended */
  invoke(invocation: Invocation): Promise<Reply>;
  /** Resolves when the function asks for its next invocation; rejects when it never will. */
  untilIdle(): Promise<void>;
  kill(): Promise<void>;
};

const runtime = path.join(import.meta.dirname, "runtime.mjs");

export async function startEnvironment(settings: EnvironmentSettings): Promise<ExecutionEnvironment> {
  /** Until it is delivered, and until the process asks for the next. */
  let waiting: Invocation | undefined;
  let reply: Deferred<Reply> | undefined;
  let idle = createDeferred<void>();
  let isAsking = false;
  let timer: NodeJS.Timeout | undefined;
  let death: FunctionError | undefined;
  let isKilled = false;
  const api = await openRuntimeApi({
    asked() {
      clearTimeout(timer);
      isAsking = true;
      if (waiting !== undefined) return deliver(waiting);
      idle.resolve();
      signalAll(child, "SIGSTOP");
    },
    answered: (answer) => reply?.resolve(answer),
    failed: (error) => reply?.reject(error),
  });
  const child = startProcess(settings, api.address);

  function deliver(invocation: Invocation): void {
    waiting = undefined;
    isAsking = false;
    const milliseconds = settings.timeoutSeconds * 1_000;
    api.deliver(invocation, Date.now() + milliseconds);
    signalAll(child, "SIGCONT");
    timer = setTimeout(() => {
      death = new FunctionError(
        "Sandbox.Timedout",
        `${invocation.requestId} Task timed out after ${settings.timeoutSeconds.toFixed(2)} seconds`,
      );
      signalAll(child, "SIGKILL");
    }, milliseconds);
  }

  const ended = once(child, "close").then(() => {
    clearTimeout(timer);
    death ??= new FunctionError("Runtime.ExitError", `Runtime exited with ${child.signalCode ?? `status ${child.exitCode}`}`);
    reply?.reject(death);
    idle.reject(death);
    api.close();
    if (!isKilled) settings.onDeath(death);
  });
  return {
    async invoke(invocation) {
      if (death !== undefined) throw death;
      idle = createDeferred();
      reply = createDeferred();
      waiting = invocation;
      if (isAsking) deliver(invocation);
      return reply.promise;
    },
    untilIdle: () => idle.promise,
    async kill() {
      isKilled = true;
      signalAll(child, "SIGKILL");
      await ended;
    },
  };
}

/** It and what it started are a group of their own, and end with whoever started them. */
function startProcess({ node, folder, variables, memoryMegabytes, onLine }: EnvironmentSettings, address: string): ChildProcess {
  const command = ["--pdeathsig", "KILL", "--", node, `--max-old-space-size=${memoryMegabytes}`, runtime];
  const child = spawn("setpriv", command, {
    cwd: folder,
    env: { ...variables, AWS_LAMBDA_RUNTIME_API: address },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on("line", onLine);
  return child;
}

function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Ended at this moment.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
