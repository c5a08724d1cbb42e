import type { Writable } from "node:stream";
import { afterEach } from "vitest";
import { createAgenda } from "../agenda.ts";
import { type ApiGatewaySettings, createApiGateway } from "../api-gateway.ts";
import { installAwslambda } from "../awslambda.ts";
import { createManualClock } from "../clock.ts";
import { createLambdaFunctions, type LambdaFunction } from "../lambda-functions.ts";

installAwslambda();

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

export type RouteSpec = readonly [method: string, path: string, functionName: string, authorized?: boolean];

/** A gateway over real HTTP, closed after the test; a function that streams makes its routes streamed. */
export async function openGateway(
  specs: readonly RouteSpec[],
  functions: Record<string, LambdaFunction>,
  settings: Partial<ApiGatewaySettings> = {},
) {
  const clock = createManualClock();
  const routes = specs.map(([method, path, functionName, authorized = false]) => {
    const found = functions[functionName];
    return { method, path, functionName, authorized, stream: found !== undefined && "streamHandler" in found };
  });
  const lambdaFunctions = createLambdaFunctions(createAgenda(clock), functions);
  const gateway = createApiGateway({ routes, functions: lambdaFunctions, authorizer: "authorizer", ...settings });
  const { url, port } = await gateway.listen(0);
  closers.push(gateway.close);
  return { url, port, clock, close: gateway.close };
}

/** Something that one side waits for and the other side lets happen. */
export function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

export function streaming(write: (stream: Writable) => Promise<unknown>): LambdaFunction {
  const streamHandler = awslambda.streamifyResponse(async (_, stream) => {
    await write(stream);
  });
  return { streamHandler, timeoutSeconds: 60 };
}

export function respondWith(stream: Writable, head: Record<string, unknown>): Writable {
  return awslambda.HttpResponseStream.from(stream, head);
}
