import { randomUUID } from "node:crypto";
import type { Context } from "aws-lambda";
import type { Agenda } from "./agenda.ts";
import { AwsError } from "./aws-error.ts";
import { LIMITS, refuseMissingTenant } from "./limits.ts";
import { ACCOUNT_ID, REGION } from "./queue.ts";

/** Without the callbacks that the Node.js 24 runtime no longer has. */
export type LambdaContext = Omit<Context, "done" | "fail" | "succeed">;

export type LambdaFunction = {
  /** A method, not a property: each handler declares the event it expects, and whoever invokes it cannot know. */
  handler(event: unknown, context: LambdaContext): unknown;
  /** 1 to 900. */
  readonly timeoutSeconds: number;
  /** Tenant isolation mode: every invoke must name a tenant. */
  readonly requiresTenant?: boolean;
};

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
  const requestId = options.requestId ?? randomUUID();
  const context = createContext(functions, name, { ...options, requestId });
  return runUntil(functions.agenda, found.timeoutSeconds, requestId, async () => found.handler(event, context));
}

/** Like runFunction, for callers that need the answer: a failure is thrown. */
export async function callFunction(functions: LambdaFunctions, name: string, event: unknown): Promise<unknown> {
  const outcome = await runFunction(functions, name, event);
  if (outcome.status === "answered") return outcome.answer;
  throw outcome.cause;
}

export function runUntil(agenda: Agenda, seconds: number, requestId: string, run: () => Promise<unknown>): Promise<Outcome> {
  return new Promise((resolve) => {
    const deadline = agenda.at(agenda.now() + seconds * 1_000, () => {
      const message = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
      const error = { errorType: "Sandbox.Timedout", errorMessage: message, trace: [] };
      resolve({ status: "failed", error, cause: new Error(message) });
    });
    run()
      .then(
        (answer) => resolve({ status: "answered", answer }),
        (cause: unknown) => resolve({ status: "failed", error: describe(cause), cause }),
      )
      .finally(() => agenda.cancel(deadline));
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
