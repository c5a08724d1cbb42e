import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { FunctionError } from "./function-error.ts";

export type Invocation = {
  readonly requestId: string;
  readonly functionArn: string;
  readonly tenantId?: string | undefined;
  /** JSON. */
  readonly event: string;
};

/** One answer: its JSON, or the stream that the function writes. */
export type Reply = { readonly kind: "buffered"; readonly json: string } | { readonly kind: "streaming"; readonly body: IncomingMessage };

export type RuntimeListener = {
  /** The process waits for an invocation. */
  asked(): void;
  answered(reply: Reply): void;
  failed(error: FunctionError): void;
};

export type RuntimeApi = {
  /** For AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /** Hands it to the process that asked. */
  deliver(invocation: Invocation, deadline: number): void;
  close(): void;
};

/** The Runtime API of Lambda (2018-06-01) for one process. */
export async function openRuntimeApi(listener: RuntimeListener): Promise<RuntimeApi> {
  let asking: ServerResponse | undefined;
  const server = createServer((request, response) => {
    const { url = "" } = request;
    if (url.endsWith("/invocation/next")) {
      asking = response;
      listener.asked();
    } else void receive(listener, url, request).then(() => response.writeHead(202).end());
  });
  // A frozen process is not to find its connection closed.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    address: `127.0.0.1:${port}`,
    deliver({ requestId, functionArn, tenantId, event }, deadline) {
      asking?.writeHead(200, {
        "content-type": "application/json",
        "lambda-runtime-aws-request-id": requestId,
        "lambda-runtime-deadline-ms": String(deadline),
        "lambda-runtime-invoked-function-arn": functionArn,
        ...(tenantId === undefined ? {} : { "lambda-runtime-aws-tenant-id": tenantId }),
      });
      asking?.end(event);
      asking = undefined;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function receive(listener: RuntimeListener, url: string, request: IncomingMessage): Promise<void> {
  if (url.endsWith("/error")) return listener.failed(FunctionError.parse(await text(request)));
  if (request.headers["lambda-runtime-function-response-mode"] !== "streaming") {
    return listener.answered({ kind: "buffered", json: await text(request) });
  }
  listener.answered({ kind: "streaming", body: request });
  await new Promise<void>((resolve) => {
    request.once("close", resolve);
    request.once("end", resolve);
  });
}
