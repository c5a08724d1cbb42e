import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import * as z from "zod";
import { SandboxFailureCode } from "./contract.ts";
import { SANDBOX_LIMITS } from "./limits.ts";
import { failure, type GuestRequest, type GuestResult } from "./wire.ts";

/** Added to a program's time limit for the start of the process and of its worker; then the child is taken for dead and killed. */
const ANSWER_MARGIN_MS = 10_000;

const Logs = z.array(z.string().max(SANDBOX_LIMITS.logBytes)).max(SANDBOX_LIMITS.logLines);

/** Strict, because a child that a program broke out into may send anything. */
const ChildAnswer: z.ZodType<GuestResult> = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), value: z.string().max(SANDBOX_LIMITS.valueBytes), logs: Logs, duration_ms: z.number() }),
  z.strictObject({ ok: z.literal(false), code: SandboxFailureCode, detail: z.string().max(10_000), logs: Logs }),
]);

export type SupervisedChild = {
  /** Starts the child ahead of its first request, where it does not run yet. */
  prepare(): void;
  /** One request at a time. Rejects only when `signal` aborts; whatever the child does instead of answering is a result. */
  ask(request: GuestRequest, signal: AbortSignal | undefined): Promise<GuestResult>;
  close(): void;
};

export type Supervision = {
  start: () => ChildProcess;
  /** Hears why a child had to be given up; not for the person who sent the program. */
  onBreakdown: (reason: string) => void;
  answerMarginMs?: number;
};

/** The child has no environment, so no secret of its parent, and no handle but the channel and its standard error. */
export function forkChild(entry: string): ChildProcess {
  return fork(entry, [], { env: {}, execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
}

/** A child process that is started when first needed, killed when it does not answer in time, and started anew after its death. */
export function superviseChild({ start, onBreakdown, answerMarginMs = ANSWER_MARGIN_MS }: Supervision): SupervisedChild {
  let current: Child | undefined;
  const drop = (child: Child) => {
    if (current === child) current = undefined;
    child.process.kill("SIGKILL");
  };
  const obtain = (): Child => (current ??= watch(start(), drop));
  return {
    prepare() {
      setHeldOpen(obtain().process, false);
    },
    async ask(request, signal) {
      const child = obtain();
      try {
        return await exchange(child.process, request, request.timeMs + answerMarginMs, signal);
      } catch (error) {
        drop(child);
        signal?.throwIfAborted();
        onBreakdown(`${error instanceof Error ? error.message : String(error)} ${child.lastWords()}`);
        return error instanceof Overdue
          ? failure("timeout", `The program ran longer than ${request.timeMs} ms and could not be stopped any other way`)
          : failure("crashed", "The sandbox broke down while the program ran");
      }
    },
    close() {
      if (current !== undefined) drop(current);
    },
  };
}

type Child = { process: ChildProcess; lastWords: () => string };

class Overdue extends Error {
  override readonly name = "Overdue";
}

function watch(process: ChildProcess, drop: (child: Child) => void): Child {
  let stderr = "";
  const child: Child = { process, lastWords: () => stderr };
  process.stderr?.on("data", (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-2_000);
  });
  process.on("error", () => drop(child));
  process.on("exit", () => drop(child));
  return child;
}

async function exchange(
  child: ChildProcess,
  request: GuestRequest,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<GuestResult> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer = setTimeout(() => stop.abort(new Overdue("no answer in time")), limitMs);
  setHeldOpen(child, true);
  child.send(request);
  try {
    const exited = once(child, "exit", { signal: stop.signal }).then(() => {
      throw new Error("the child process ended");
    });
    const answered = once(child, "message", { signal: stop.signal }).then(([answer]: unknown[]) => ChildAnswer.parse(answer));
    return await Promise.race([answered, exited]);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
    stop.abort();
    setHeldOpen(child, false);
  }
}

/** An idle child does not keep its parent alive. */
function setHeldOpen(child: ChildProcess, isHeld: boolean): void {
  const handles = [child, child.channel, child.stderr instanceof Socket ? child.stderr : undefined];
  for (const handle of handles) {
    if (isHeld) handle?.ref();
    else handle?.unref();
  }
}
