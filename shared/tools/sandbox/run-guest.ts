import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import { createGuestOutput, type GuestOutput } from "./guest-output.ts";
import { GUEST_PRELUDE } from "./guest-prelude.ts";
import { type Engine, hasUsedUpMemory } from "./load-engine.ts";
import { failure, type GuestRequest, type GuestResult } from "./wire.ts";

/** Above it a recursion of the guest would overflow the stack of the host thread, which aborts the whole engine. */
const GUEST_STACK_BYTES = 256 * 1024;
/** Characters of one line of the log and of the description of an error. */
const TEXT_LIMIT = 2_000;
/** Given back after a failure, so that a program that used up its memory can still be told why it failed. */
const RESERVE_BYTES = 256 * 1024;

const OUT_OF_MEMORY = "InternalError: out of memory";

type Failure = Extract<GuestResult, { ok: false }>;
type Guest = { engine: Engine; context: QuickJSContext; reserve: QuickJSHandle; describe: QuickJSHandle };

/**
 * Runs one program in a fresh engine, which is of no use afterwards. Blocks the thread. The interrupt handler ends loops politely,
 * with the logs; it is not polled inside long native calls, so the caller must also be able to kill the thread.
 */
export function runGuest(engine: Engine, request: GuestRequest): GuestResult {
  const started = performance.now();
  const output = createGuestOutput();
  let isOverdue = false;
  const isOver = () => {
    isOverdue ||= performance.now() > started + request.timeMs;
    return isOverdue;
  };
  const failed = carryOutSafely(engine, isOver, request, output);
  if (isOverdue) return failure("timeout", `The program ran longer than ${request.timeMs} ms`, output.logs);
  return failed === undefined ? output.conclude(performance.now() - started) : { ...failed, logs: output.logs };
}

/** A program can break the engine itself, most easily by leaving it without memory. */
function carryOutSafely(engine: Engine, isOver: () => boolean, request: GuestRequest, output: GuestOutput): Failure | undefined {
  try {
    return carryOut(startGuest(engine, isOver, request, output), request.code);
  } catch {
    return hasUsedUpMemory(engine) ? outOfMemory() : { ok: false, code: "crashed", detail: "The program broke the engine", logs: [] };
  }
}

function startGuest(engine: Engine, isOver: () => boolean, request: GuestRequest, output: GuestOutput): Guest {
  const runtime = engine.quickjs.newRuntime();
  runtime.setMaxStackSize(GUEST_STACK_BYTES);
  runtime.setInterruptHandler(isOver);
  const context = runtime.newContext();
  const reserve = context.newArrayBuffer(new ArrayBuffer(RESERVE_BYTES));
  const emitLog = context.newFunction("log", (text) => (output.log(readText(context, text)) ? context.true : context.false));
  const emitOutput = context.newFunction("output", (text) => {
    output.answer(readText(context, text));
  });
  const prelude = context.unwrapResult(context.evalCode(GUEST_PRELUDE, "prelude.js"));
  const values = [context.newString(request.input), context.newString(request.files), context.newNumber(TEXT_LIMIT)];
  const installed = context.callFunction(prelude, context.undefined, emitLog, emitOutput, ...values);
  return { engine, context, reserve, describe: context.unwrapResult(installed) };
}

/** What went wrong, or undefined when the program came to its end. */
function carryOut(guest: Guest, code: string): Failure | undefined {
  const { context } = guest;
  const evaluated = context.evalCode(code, "program.js", { type: "global" });
  if (evaluated.error !== undefined) return explain(guest, evaluated.error);
  const jobs = context.runtime.executePendingJobs();
  if (jobs.error !== undefined) return explain(guest, jobs.error);
  // A program often ends with `main()`: its rejection is the program's error.
  const state = context.getPromiseState(evaluated.value);
  return state.type === "rejected" ? explain(guest, state.error) : undefined;
}

function explain({ engine, context, reserve, describe }: Guest, thrown: QuickJSHandle): Failure {
  reserve.dispose();
  const described = context.unwrapResult(context.callFunction(describe, context.undefined, thrown));
  const detail = String(JSON.parse(readText(context, described)));
  // Without memory for a whole error the engine throws one without a message, or null.
  const isMemory = detail === "InternalError" || detail === "Thrown: null" ? hasUsedUpMemory(engine) : detail.startsWith(OUT_OF_MEMORY);
  return isMemory ? outOfMemory() : { ok: false, code: "exception", detail, logs: [] };
}

function readText(context: QuickJSContext, handle: QuickJSHandle): string {
  return context.typeof(handle) === "string" ? context.getString(handle) : "null";
}

function outOfMemory(): Failure {
  return { ok: false, code: "memory", detail: "The program needed more memory than its limit", logs: [] };
}
