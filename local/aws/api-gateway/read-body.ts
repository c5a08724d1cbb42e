import type { IncomingMessage } from "node:http";
import { AppError } from "../../../shared/platform/errors.ts";

/**
 * The whole body.
 * @throws AppError `too-large` as soon as it is known to be longer than `limit`; the rest is then read and thrown away by the server,
 * because a client that is cut off while it sends would never see the answer
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const { "content-length": declared, "transfer-encoding": encoding } = request.headers;
  if (declared === undefined && encoding === undefined) return Promise.resolve(Buffer.alloc(0));
  if (request.destroyed) return Promise.reject(new Error("The client left before it sent the body"));
  if (Number(declared ?? 0) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge(limit));
      }
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
    request.on("close", () => reject(new Error("The client left while it sent the body")));
  });
}

export function tooLarge(limit: number): AppError {
  return new AppError("too-large", `The gateway takes bodies of at most ${limit} bytes`);
}
