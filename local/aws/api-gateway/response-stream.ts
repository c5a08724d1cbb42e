import type { ServerResponse } from "node:http";
import { Writable } from "node:stream";
import type { ResponseHead } from "../awslambda.ts";
import { setHeadWriter } from "../awslambda.ts";

/**
 * The stream that a streaming handler writes to. Its head must be set with HttpResponseStream.from before the first write, if only of an
 * empty text: Lambda sends the head with that, and nothing for a stream that ends without one. When the client leaves, the stream is destroyed: on AWS nobody would tell the function.
 */
export function createResponseStream(response: ServerResponse, extraHeaders: Readonly<Record<string, string>>): Writable {
  let head: ResponseHead | undefined;

  function begin(): void {
    if (response.headersSent) return;
    if (head === undefined) throw new Error("The handler wrote before HttpResponseStream.from had given the status");
    const cookies = head.cookies === undefined ? {} : { "set-cookie": head.cookies };
    response.writeHead(head.statusCode, { ...extraHeaders, ...head.headers, ...cookies });
  }

  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      attempt(done, () => {
        begin();
        if (response.write(chunk)) done();
        else response.once("drain", done);
      });
    },
    final(done) {
      attempt(done, () => {
        if (!response.headersSent) throw new Error("The handler ended its stream before the first write, with which Lambda sends the head");
        response.end(done);
      });
    },
    destroy(error, done) {
      if (response.headersSent && !response.writableEnded) response.destroy();
      done(error);
    },
  });
  // Whoever destroys it with an error learns of it from the handler's own promise.
  stream.on("error", () => {});
  response.on("close", () => stream.destroy());
  setHeadWriter(stream, (given) => {
    head = given;
  });
  return stream;
}

function attempt(done: (error: Error) => void, act: () => void): void {
  try {
    act();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
  }
}
