import type { Writable } from "node:stream";
import * as z from "zod";

const ResponseHead = z.object({
  statusCode: z.int().min(200).max(599).default(200),
  headers: z.record(z.string(), z.coerce.string()).default({}),
  cookies: z.array(z.string()).optional(),
});
export type ResponseHead = z.infer<typeof ResponseHead>;

const headWriters = new WeakMap<Writable, (head: ResponseHead) => void>();

/** Says where HttpResponseStream.from puts the head of this stream. */
export function setHeadWriter(stream: Writable, write: (head: ResponseHead) => void): void {
  headWriters.set(stream, write);
}

/** Provides the global `awslambda` of Lambda's Node.js runtime; needed before a module with a streaming handler is loaded. */
export function installAwslambda(): void {
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream: { from } } });
}

function streamifyResponse<Handler>(handler: Handler): Handler {
  return handler;
}

function from(stream: Writable, head: unknown): Writable {
  const write = headWriters.get(stream);
  if (write === undefined) throw new Error("HttpResponseStream.from takes the stream that the handler was given");
  write(ResponseHead.parse(head));
  return stream;
}
