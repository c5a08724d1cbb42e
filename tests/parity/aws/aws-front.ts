import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { AwsError } from "../../../local/aws/aws-error.ts";
import { jsonError } from "../../../local/aws/json-front.ts";
import type { SdkRequest, SdkRequestHandler, SdkResponse } from "../../../shared/platform/aws/client-options.ts";

export type AwsFrontSettings = {
  /** By the name that a signature gives the service. */
  readonly services: Readonly<Record<string, SdkRequestHandler>>;
  /** @throws AwsError when the role behind the access key allows no such call */
  readonly authorize: (accessKey: string, service: string, request: SdkRequest) => void;
  /** Told of each call that was not allowed or could not be answered at all. */
  readonly onFailure: (error: unknown) => void;
};

export type AwsFront = { readonly url: string; close(): Promise<void> };

/** All of AWS behind one address on loopback. Who asks which service stands in the signature; nobody checks it otherwise. */
export async function openAwsFront(settings: AwsFrontSettings): Promise<AwsFront> {
  const server = createServer((request, response) => {
    answer(settings, request, response).catch((error: unknown) => {
      settings.onFailure(error);
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const SIGNATURE = /Credential=(?<accessKey>[^/]+)\/\d+\/[\w-]+\/(?<service>\w+)\/aws4_request/;

async function answer(settings: AwsFrontSettings, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { accessKey = "", service = "" } = SIGNATURE.exec(request.headers.authorization ?? "")?.groups ?? {};
  const read = await readRequest(request);
  const { statusCode, headers, body } = await perform(settings, accessKey, service, read);
  response.writeHead(statusCode, headers);
  await pipeline(body instanceof Readable ? body : Readable.from(body === undefined ? [] : [body]), response);
}

async function perform(
  { services, authorize, onFailure }: AwsFrontSettings,
  accessKey: string,
  service: string,
  request: SdkRequest,
): Promise<SdkResponse> {
  const handler = services[service];
  if (handler === undefined) throw new Error(`There is no service "${service}" for ${request.method} ${request.path}`);
  try {
    authorize(accessKey, service, request);
  } catch (error) {
    onFailure(error);
    if (error instanceof AwsError) return jsonError(error);
    throw error;
  }
  return (await handler.handle(request)).response;
}

async function readRequest(request: IncomingMessage): Promise<SdkRequest> {
  const { method = "GET", url = "/", headers } = request;
  const [path = "/", search = ""] = url.split("?", 2);
  return {
    method,
    hostname: headers.host ?? "",
    path,
    query: Object.fromEntries(new URLSearchParams(search)),
    headers: flatten(headers),
    body: await buffer(request),
  };
}

/** Hands requests on to a server of its own, such as fauxqs or dynalite. */
export function forwardTo({ hostname, port }: { hostname: string; port: number }): SdkRequestHandler {
  return {
    async handle({ method, path, headers, body }) {
      const sent = httpRequest({ hostname, port, method, path, headers: { ...headers, connection: "close" } });
      sent.end(body);
      const [answered] = z.tuple([z.custom<IncomingMessage>()]).parse(await once(sent, "response"));
      const { "transfer-encoding": _framing, connection: _connection, "keep-alive": _alive, ...kept } = answered.headers;
      return { response: { statusCode: answered.statusCode ?? 500, headers: flatten(kept), body: await buffer(answered) } };
    },
  };
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value = ""]) => [name, Array.isArray(value) ? value.join(", ") : value]));
}
