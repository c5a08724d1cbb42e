import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { APIGatewayProxyEvent, StreamifyHandler } from "aws-lambda";
import { log, withLogContext } from "../log/logger.ts";
import { type Answer, writeAnswer } from "./answer.ts";
import type { Binding } from "./bind-route.ts";
import { respondTo, type ServiceDeps } from "./handle.ts";
import { parseRequest } from "./parse-request.ts";
import type { AnswerOf, Route, UseCase } from "./route.ts";

/** Server-sent events, one finished text a chunk. */
export type EventStream = { readonly events: AsyncIterable<string> };

type StreamedAnswer = Omit<Answer, "body"> & { readonly body: AsyncIterable<string> };

/** Like bindRoute, for a route with `stream: true`: its use-case answers events, or JSON as any other. */
export function bindStream<const Declared extends Route>(
  route: Declared,
  run: UseCase<NoInfer<Declared>, AnswerOf<NoInfer<Declared>> | EventStream>,
): Binding<Answer | StreamedAnswer> {
  return {
    route,
    prepare(incoming) {
      const request = parseRequest(route, incoming);
      return async (newId) => {
        const answer = await run(request, newId);
        if (!("events" in answer)) return writeAnswer(route, answer);
        return { statusCode: route.status, headers: { "content-type": "text/event-stream" }, body: answer.events };
      };
    },
  };
}

/**
 * A handler that streams, for API Gateway's response streaming. When the client leaves, the iterable is closed (its `return` is called);
 * Lambda is never told, so that happens only in the embedded server: streams must end by themselves.
 * Needs the global `awslambda`, which the Lambda runtime and the embedded server provide before a function is loaded.
 */
export function streamRoute(
  service: string,
  binding: Binding<Answer | StreamedAnswer>,
  deps: ServiceDeps = {},
): StreamifyHandler<APIGatewayProxyEvent> {
  const respond = respondTo([binding], deps);
  return awslambda.streamifyResponse<APIGatewayProxyEvent>((event, responseStream, context) =>
    withLogContext({ service, requestId: event.requestContext.requestId }, async () => {
      const { body, ...head } = await respond(event, context);
      const source = Readable.from(typeof body === "string" ? [body] : body, { objectMode: false });
      const target = awslambda.HttpResponseStream.from(responseStream, head);
      // The runtime sends the head with the first write and with nothing else: an answer without a body would lose its status.
      target.write("");
      try {
        await pipeline(source, target);
      } catch (error) {
        if (hasClientLeft(error)) return;
        // The answer has begun: all that is left is to break it off, so that the client sees that it is not whole.
        log.error("stream broken off", { error });
        throw error;
      }
    }),
  );
}

function hasClientLeft(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
}
