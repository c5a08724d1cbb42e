import { AppError } from "../errors.ts";
import type { Answer } from "./answer.ts";
import type { Problem } from "./problem.ts";

/**
 * The one place where an error becomes an answer. Anything that is not an AppError is `internal` and shows nothing of itself.
 */
export function problemAnswer(error: unknown, requestId: string): Answer {
  const known = error instanceof AppError ? error : new AppError("internal", "");
  const problem: Problem = {
    type: `/problems/${known.code}`,
    title: known.title,
    status: known.status,
    // A misconfigured deployment is nothing for a caller to read about.
    ...(known.status === 500 ? {} : { detail: known.detail }),
    instance: requestId,
    retryable: known.retryable,
    ...(known.errors.length === 0 ? {} : { errors: [...known.errors] }),
  };
  return {
    statusCode: known.status,
    headers: {
      "content-type": "application/problem+json",
      ...(known.retryAfter === undefined ? {} : { "retry-after": String(known.retryAfter) }),
      ...(known.status === 401 ? { "www-authenticate": "Bearer" } : {}),
    },
    body: JSON.stringify(problem),
  };
}
