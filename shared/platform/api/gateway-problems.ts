import { AppError, type ErrorCode } from "../errors.ts";
import { problemAnswer } from "./answer-problem.ts";

/** The problem that API Gateway answers by itself, by its own name for what went wrong: no function was asked, or none answered. */
const PROBLEMS = {
  /** No resource at the path, or none with the method. */
  MISSING_AUTHENTICATION_TOKEN: ["not-found", "There is no such route"],
  RESOURCE_NOT_FOUND: ["not-found", "There is no such route"],
  /** The header that the authorizer looks at is missing, or the authorizer said Unauthorized. */
  UNAUTHORIZED: ["unauthenticated", "Send a valid token or API key as Authorization: Bearer …"],
  ACCESS_DENIED: ["forbidden", "The credentials do not allow this request"],
  WAF_FILTERED: ["forbidden", "The firewall does not let this request through"],
  REQUEST_TOO_LARGE: ["too-large", "The body is larger than the gateway takes"],
  UNSUPPORTED_MEDIA_TYPE: ["unsupported-media-type", "The body must be application/json"],
  THROTTLED: ["rate-limited", "Too many requests at once; try again in a moment"],
  QUOTA_EXCEEDED: ["rate-limited", "Too many requests; try again later"],
  INTEGRATION_TIMEOUT: ["gateway-timeout", "No answer within the gateway's time"],
  DEFAULT_4XX: ["invalid-request", "The gateway could not read the request"],
  /** A function that failed or was killed, an authorizer that broke, a throttled function. */
  DEFAULT_5XX: ["internal", ""],
} as const satisfies Readonly<Record<string, readonly [ErrorCode, string]>>;

export type GatewayProblem = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** All of them, as problem+json; `instance` is written by API Gateway, which alone knows the request's id. */
export function describeGatewayProblems(): Record<string, GatewayProblem> {
  return Object.fromEntries(Object.entries(PROBLEMS).map(([name, [code, detail]]) => [name, describeGatewayProblem(code, detail)]));
}

/** @param detail safe to show; nothing is shown of an error of ours */
export function describeGatewayProblem(code: ErrorCode, detail: string): GatewayProblem {
  const retryAfter = code === "rate-limited" ? 1 : undefined;
  const error = new AppError(code, detail, retryAfter === undefined ? {} : { retryAfter });
  const { statusCode: status, headers, body } = problemAnswer(error, "$context.requestId");
  return { status, headers, body };
}
