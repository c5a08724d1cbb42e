import type { IncomingMessage } from "node:http";
import type { Writable } from "node:stream";
import type { LambdaContext, LambdaFunction } from "../../../local/aws/lambda-functions.ts";
import type { EnvironmentPool } from "./environment-pool.ts";
import { FunctionError } from "./function-error.ts";
import type { Invocation } from "./runtime-api.ts";

export type BundledSettings = {
  readonly pool: EnvironmentPool;
  readonly timeoutSeconds: number;
  readonly requiresTenant: boolean;
  /** Its route is integrated with response streaming. */
  readonly streams: boolean;
};

/** A built function for whoever invokes functions here: whatever it does, it does in a process of its own. */
export function bundledFunction({ pool, streams, ...settings }: BundledSettings): LambdaFunction {
  if (streams) return { ...settings, streamHandler: (event, stream, context) => runStreaming(pool, toInvocation(event, context), stream) };
  return { ...settings, handler: (event, context) => runBuffered(pool, toInvocation(event, context)) };
}

function toInvocation(event: unknown, { awsRequestId, invokedFunctionArn, tenantId }: LambdaContext): Invocation {
  return { requestId: awsRequestId, functionArn: invokedFunctionArn, tenantId, event: JSON.stringify(event) };
}

function runBuffered(pool: EnvironmentPool, invocation: Invocation): Promise<unknown> {
  return pool.run(invocation.tenantId, async (environment) => {
    const reply = await environment.invoke(invocation);
    if (reply.kind === "buffered") return JSON.parse(reply.json);
    reply.body.resume();
    throw new Error("A function that streams answers a route that is not streamed");
  });
}

function runStreaming(pool: EnvironmentPool, invocation: Invocation, stream: Writable): Promise<void> {
  return pool.run(invocation.tenantId, async (environment) => {
    const reply = await environment.invoke(invocation);
    if (reply.kind === "buffered") throw new Error("A function that does not stream answers a route that is streamed");
    await forward(reply.body, stream);
  });
}

const DELIMITER = Buffer.alloc(8);

/** Lambda's answer to API Gateway: a head in JSON, eight NULs, the body. What nobody reads any more is still written to its end. */
async function forward(body: IncomingMessage, stream: Writable): Promise<void> {
  let before = Buffer.alloc(0);
  let target: Writable | undefined;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (target !== undefined) {
      await write(target, chunk);
      continue;
    }
    before = Buffer.concat([before, chunk]);
    const end = before.indexOf(DELIMITER);
    if (end < 0) continue;
    target = awslambda.HttpResponseStream.from(stream, JSON.parse(before.subarray(0, end).toString()));
    // The client is told at once.
    target.write("");
    await write(target, before.subarray(end + DELIMITER.length));
  }
  const { "lambda-runtime-function-error-type": errorType } = body.trailers;
  if (errorType !== undefined) throw new FunctionError(errorType, "The function broke its stream off");
  if (target === undefined) throw new Error("The function ended its stream without a head: API Gateway answers 502");
  if (!stream.destroyed) await new Promise<void>((resolve) => stream.end(resolve));
}

async function write(stream: Writable, chunk: Buffer): Promise<void> {
  if (stream.destroyed || chunk.length === 0 || stream.write(chunk)) return;
  await new Promise<void>((resolve) => {
    stream.once("drain", resolve);
    stream.once("close", resolve);
  });
}
