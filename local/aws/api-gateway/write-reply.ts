import type { ServerResponse } from "node:http";
import * as z from "zod";
import { problemAnswer } from "../../../shared/platform/api/answer-problem.ts";
import { isInvokePayloadTooLarge, LIMITS } from "../limits.ts";

const HeaderValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** What a proxy integration must answer; anything else is a malformed answer, as it is to API Gateway. */
const Reply = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), HeaderValue).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(HeaderValue)).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** @throws Error when the function's answer is malformed or larger than a function may answer */
export function writeReply(response: ServerResponse, answer: unknown): void {
  const reply = Reply.parse(answer);
  const body = reply.body ?? "";
  if (isInvokePayloadTooLarge(reply, body.length)) throw new Error(`The function answered more than ${LIMITS.lambdaPayloadBytes} bytes`);
  const bytes = Buffer.from(body, reply.isBase64Encoded === true ? "base64" : "utf8");
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  for (const [name, values] of Object.entries(reply.multiValueHeaders ?? {})) response.setHeader(name, values);
  response.statusCode = reply.statusCode;
  if (reply.statusCode !== 204 && reply.statusCode !== 304) response.setHeader("content-length", bytes.length);
  response.end(bytes);
}

/** A gateway response; nothing when the answer has begun or nobody waits for it. */
export function writeProblem(
  response: ServerResponse,
  error: unknown,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  const problem = problemAnswer(error, requestId);
  const length = Buffer.byteLength(problem.body);
  response.writeHead(problem.statusCode, { ...problem.headers, ...headers, "x-request-id": requestId, "content-length": length });
  response.end(problem.body);
}
