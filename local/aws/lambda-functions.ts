import { randomUUID } from "node:crypto";
import type { Writable } from "node:stream";
import type { Context } from "aws-lambda";
import type { Agenda } from "./agenda.ts";
import { AwsError } from "./aws-error.ts";
import { LIMITS, refuseMissingTenant } from "./limits.ts";
import { ACCOUNT_ID, REGION } from "./queue.ts";

/** Without the callbacks that the Node.js 24 runtime no longer has. */
export type LambdaContext = Omit<Context, "done" | "fail" | "succeed">;

type LambdaSettings = {
  /** 1 to 900. */
  readonly timeoutSeconds: number;
  /** Tenant isolation mode: every invoke must name a tenant. */
  readonly requiresTenant?: boolean;
};

/** Methods, not properties: each handler declares the event it expects, and whoever invokes it cannot know. */
export type BufferedFunction = LambdaSettings & { handler(event: unknown, context: LambdaContext): unknown };
export type StreamingFunction = LambdaSettings & { streamHandler(event: unknown, stream: Writable, context: LambdaContext): unknown };
export type LambdaFunction = BufferedFunction | StreamingFunction;

/** The functions of the account, by name. */
export type LambdaFunctions = { readonly agenda: Agenda; readonly byName: Map<string, LambdaFunction> };

export type FunctionError = { readonly errorType: string; readonly errorMessage: string; readonly trace: readonly string[] };

export type Outcome =
  | { readonly status: "answered"; readonly answer: unknown }
  | { readonly status: "failed"; readonly error: FunctionError; readonly cause: unknown };

export function createLambdaFunctions(agenda: Agenda, functions: Readonly<Record<string, LambdaFunction>>): LambdaFunctions {
  for (const [name, { timeoutSeconds }] of Object.entries(functions)) {
    if (timeoutSeconds >= 1 && timeoutSeconds <= LIMITS.lambdaTimeoutSeconds) continue;
    throw new RangeError(`${name}: a function's timeout is 1 to ${LIMITS.lambdaTimeoutSeconds} s, not ${timeoutSeconds} s`);
  }
  return { agenda, byName: new Map(Object.entries(functions)) };
}

export function getFunction({ byName }: LambdaFunctions, name: string): LambdaFunction {
  const found = byName.get(name);
  if (found === undefined) {
    throw new AwsError("ResourceNotFoundException", `Function not found: arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`, 404);
  }
  return found;
}

/**
 * Runs a function as Lambda would: whatever it throws, and running longer than its timeout, is an outcome. What a handler does after
 * its timeout is not seen by anyone; Lambda would have frozen it.
 */
export async function runFunction(
  functions: LambdaFunctions,
  name: string,
  event: unknown,
  options: { requestId?: string; tenantId?: string | undefined } = {},
): Promise<Outcome> {
  const found = getFunction(functions, name);
  refuseMissingTenant(name, found.requiresTenant === true, options.tenantId);
  if (!("handler" in found)) throw new Error(`${name} streams its answer: it can be reached through API Gateway only`);
  const requestId = options.requestId ?? randomUUID();
  const context = createContext(functions, name, { ...options, requestId });
  return settle(functions, name, requestId, async () => found.handler(event, context));
}

/** Runs a function that writes its answer to `stream`. */
export async function runStreaming(
  functions: LambdaFunctions,
  name: string,
  event: unknown,
  stream: Writable,
  requestId: string,
): Promise<Outcome> {
  const found = getFunction(functions, name);
  if (!("streamHandler" in found)) throw new Error(`${name} does not stream its answer`);
  const context = createContext(functions, name, { requestId });
  return settle(functions, name, requestId, async () => found.streamHandler(event, stream, context));
}

/** Like runFunction, for callers that need the answer: a failure is thrown. */
export async function callFunction(functions: LambdaFunctions, name: string, event: unknown): Promise<unknown> {
  const outcome = await runFunction(functions, name, event);
  if (outcome.status === "answered") return outcome.answer;
  throw outcome.cause;
}

async function settle(functions: LambdaFunctions, name: string, requestId: string, run: () => Promise<unknown>): Promise<Outcome> {
  const { timeoutSeconds } = getFunction(functions, name);
  const running = run().then(
    (answer): Outcome => ({ status: "answered", answer }),
    (cause: unknown): Outcome => ({ status: "failed", error: describe(cause), cause }),
  );
  const outcome = await raceDeadline(functions.agenda, timeoutSeconds, running);
  if (outcome !== undefined) return outcome;
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return {
    status: "failed",
    error: { errorType: "Sandbox.Timedout", errorMessage, trace: [] },
    cause: new Error(`${name}: ${errorMessage}`),
  };
}

/** What the promise gives, or undefined when that takes longer; a promise that comes too late is not listened to. */
export function raceDeadline<Value>(agenda: Agenda, seconds: number, running: Promise<Value>): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const deadline = agenda.at(agenda.now() + seconds * 1_000, () => resolve(undefined));
    running.then(resolve, reject).finally(() => agenda.cancel(deadline));
  });
}

function describe(cause: unknown): FunctionError {
  if (!(cause instanceof Error)) return { errorType: typeof cause, errorMessage: String(cause), trace: [] };
  return { errorType: cause.name, errorMessage: cause.message, trace: cause.stack?.split("\n") ?? [] };
}

export function createContext(
  { agenda, byName }: LambdaFunctions,
  name: string,
  { requestId, tenantId }: { requestId: string; tenantId?: string | undefined },
): LambdaContext {
  const deadline = agenda.now() + (byName.get(name)?.timeoutSeconds ?? 0) * 1_000;
  return {
    functionName: name,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`,
    memoryLimitInMB: "1024",
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: true,
    ...(tenantId === undefined ? {} : { tenantId }),
    getRemainingTimeInMillis: () => Math.max(0, deadline - agenda.now()),
  };
}
