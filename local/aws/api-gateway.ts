import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, maxHeaderSize, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { problemAnswer } from "../../shared/platform/api/answer-problem.ts";
import { AppError, invalidRequest, notFound } from "../../shared/platform/errors.ts";
import { type Authorizer, authorize, createAuthorizer } from "./api-gateway/authorize.ts";
import type { GatewayRoute } from "./api-gateway/gateway-route.ts";
import { createRouter, matchRoute, type Router } from "./api-gateway/match-route.ts";
import { parseTarget } from "./api-gateway/parse-target.ts";
import { createProxyEvent, withAuthorizer, withBody } from "./api-gateway/proxy-event.ts";
import { readBody, tooLarge } from "./api-gateway/read-body.ts";
import { createResponseStream } from "./api-gateway/response-stream.ts";
import { writeProblem, writeReply } from "./api-gateway/write-reply.ts";
import { getFunction, type LambdaFunctions, raceDeadline, runFunction, runStreaming } from "./lambda-functions.ts";
import { isInvokePayloadTooLarge, LIMITS } from "./limits.ts";

export type ApiGatewaySettings = {
  readonly routes: readonly GatewayRoute[];
  readonly functions: LambdaFunctions;
  /** The function behind which routes with `authorized` lie. */
  readonly authorizer: string;
  /** How long its answers are kept; at most 60, which is also the default. */
  readonly authorizerCacheSeconds?: number;
  /** Told of every request that failed through a fault of ours. */
  readonly onFailure?: (functionName: string, error: unknown) => void;
};

export type ApiGateway = {
  /** On 127.0.0.1 only. @param port 0 for any. @throws the system's error when the port cannot be had */
  listen(port: number): Promise<{ port: number; url: string }>;
  /** Takes no more connections, ends open streams, and resolves when the last request is answered. */
  close(): Promise<void>;
};

type Gateway = {
  readonly router: Router;
  readonly functions: LambdaFunctions;
  readonly authorizer: Authorizer;
  readonly onFailure: (functionName: string, error: unknown) => void;
  /** Answers that are not finished, with the stream of those that are streamed. */
  readonly open: Map<ServerResponse, Writable | undefined>;
  readonly connections: Set<Socket>;
};

/** A REST API of API Gateway with Lambda proxy integrations, buffered or streamed, as an HTTP server of this machine. */
export function createApiGateway(settings: ApiGatewaySettings): ApiGateway {
  const { routes, functions, authorizer, authorizerCacheSeconds = LIMITS.gatewayAuthorizerCacheSeconds, onFailure = () => {} } = settings;
  for (const route of routes) refuseMisfit(functions, route);
  const gateway: Gateway = {
    router: createRouter(routes),
    functions,
    authorizer: createAuthorizer(functions, authorizer, authorizerCacheSeconds),
    onFailure,
    open: new Map(),
    connections: new Set(),
  };
  // A request without a host is refused by ourselves, as a problem.
  const server = createServer({ requireHostHeader: false }, (request, response) => void answer(gateway, request, response));
  server.on("clientError", refuseUnreadable);
  server.on("connection", (connection) => {
    gateway.connections.add(connection);
    connection.on("close", () => gateway.connections.delete(connection));
  });
  return {
    async listen(port) {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
      });
      const address = server.address();
      const actual = typeof address === "object" && address !== null ? address.port : port;
      return { port: actual, url: `http://127.0.0.1:${actual}` };
    },
    close: () => close(server, gateway),
  };
}

function refuseMisfit(functions: LambdaFunctions, { method, path, stream, functionName }: GatewayRoute): void {
  if (stream === "streamHandler" in getFunction(functions, functionName)) return;
  throw new Error(`${method} ${path} is ${stream ? "" : "not "}streamed, but ${functionName} has a handler of the other kind`);
}

async function close(server: Server, { open, connections }: Gateway): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const busy = new Set([...open.keys()].map((response) => response.socket));
  // Also those that were opened ahead and never used, which the server itself does not count as idle.
  for (const connection of connections) if (!busy.has(connection)) connection.destroy();
  for (const [response, stream] of open) {
    const { socket } = response;
    if (stream === undefined) {
      if (!response.headersSent) response.setHeader("connection", "close");
    } else if (response.headersSent) response.end(() => socket?.end());
    else socket?.destroy();
    stream?.destroy();
  }
  await closed;
}

async function answer(gateway: Gateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const { method = "GET" } = request;
  gateway.open.set(response, undefined);
  response.on("close", () => gateway.open.delete(response));
  try {
    refuseForeign(request);
    const target = parseTarget(request.url ?? "");
    const match = matchRoute(gateway.router, method, target.segments);
    if (match.kind === "unknown") throw notFound(target.path);
    if (match.kind === "wrong-method") return refuseMethod(response, method, match.methods, requestId);
    const arrival = { ...match, request, requestId, target, now: gateway.functions.agenda.now() };
    const event = await admit(gateway, match.route, createProxyEvent(arrival));
    const body = await readBody(request, LIMITS.gatewayBodyBytes);
    const complete = withBody(event, body, request.headers["content-type"]);
    if (isInvokePayloadTooLarge(complete, complete.body?.length ?? 0)) throw tooLarge(LIMITS.lambdaPayloadBytes);
    if (match.route.stream) await answerStreaming(gateway, match.route, complete, response);
    else await answerBuffered(gateway, match.route, complete, response);
  } catch (error) {
    if (!(error instanceof AppError) && !response.destroyed) gateway.onFailure(`${method} ${request.url}`, error);
    writeProblem(response, error, requestId);
  }
}

async function admit(gateway: Gateway, route: GatewayRoute, event: APIGatewayProxyEvent): Promise<APIGatewayProxyEvent> {
  return route.authorized ? withAuthorizer(event, await authorize(gateway.authorizer, event)) : event;
}

async function answerBuffered(
  gateway: Gateway,
  { functionName }: GatewayRoute,
  event: APIGatewayProxyEvent,
  response: ServerResponse,
): Promise<void> {
  const { requestId } = event.requestContext;
  const running = runFunction(gateway.functions, functionName, event, { requestId });
  const outcome = await raceDeadline(gateway.functions.agenda, LIMITS.gatewayReplySeconds, running);
  if (outcome === undefined) throw new AppError("gateway-timeout", `No answer within ${LIMITS.gatewayReplySeconds} seconds`);
  if (outcome.status === "failed") throw new Error(`${functionName} failed`, { cause: outcome.cause });
  writeReply(response, outcome.answer);
}

async function answerStreaming(
  gateway: Gateway,
  { functionName }: GatewayRoute,
  event: APIGatewayProxyEvent,
  response: ServerResponse,
): Promise<void> {
  const { requestId } = event.requestContext;
  const stream = createResponseStream(response, { "x-request-id": requestId });
  gateway.open.set(response, stream);
  const outcome = await runStreaming(gateway.functions, functionName, event, stream, requestId);
  if (outcome.status === "answered") {
    if (!stream.destroyed) stream.end();
    return finished(stream);
  }
  // Broken off, so that nobody takes the answer for whole.
  stream.destroy();
  throw new Error(`${functionName} failed`, { cause: outcome.cause });
}

function refuseMethod(response: ServerResponse, method: string, methods: readonly string[], requestId: string): void {
  const allow = methods.join(", ");
  if (method === "OPTIONS") response.writeHead(204, { allow, "x-request-id": requestId }).end();
  else writeProblem(response, new AppError("method-not-allowed", `Use ${allow}`), requestId, { allow });
}

/**
 * No page of another site may talk to this server: no CORS header is ever sent, a name that was rebound to this machine is refused, and
 * so is what another origin sends.
 */
function refuseForeign({ headers }: IncomingMessage): void {
  const { host = "", origin } = headers;
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) throw invalidRequest("This server answers to 127.0.0.1 and localhost only");
  if (origin !== undefined && origin !== `http://${host}`) throw invalidRequest("Pages of another origin cannot use this server");
}

/** What Node cannot read as HTTP never becomes a request. */
function refuseUnreadable(error: Error, socket: Duplex): void {
  const code = "code" in error ? error.code : undefined;
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const problem =
    code === "HPE_HEADER_OVERFLOW"
      ? new AppError("headers-too-large", `The target and the headers of a request may have ${maxHeaderSize} bytes together`)
      : invalidRequest("The request is not well-formed HTTP");
  const { body, headers, statusCode } = problemAnswer(problem, randomUUID());
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${head}\r\n${body}`);
}
