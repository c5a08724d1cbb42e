type Entry = { status: number; title: string; retryable?: boolean };

/**
 * Every error a person may meet, as one coded union: `code` names it, `status` is its HTTP status, `retryable` says whether the
 * same request may succeed later (where nothing is said it may not), `detail` is safe to show. The catalogue below is the list; nothing else is
 * shown to a caller.
 */
const CATALOGUE = {
  "malformed-json": { status: 400, title: "The body is not valid JSON" },
  "invalid-request": { status: 400, title: "The request does not match its schema" },
  unauthenticated: { status: 401, title: "A valid token or API key is required" },
  "invalid-credentials": { status: 401, title: "The email or the password is wrong" },
  forbidden: { status: 403, title: "The credentials lack a required scope" },
  "registration-closed": { status: 403, title: "No further account can be made here" },
  "not-found": { status: 404, title: "There is no such resource" },
  "method-not-allowed": { status: 405, title: "The resource does not support this method" },
  conflict: { status: 409, title: "The resource is not in a state that allows this" },
  "idempotency-conflict": { status: 409, title: "The idempotency key was used for another request" },
  "idempotency-in-progress": { status: 409, retryable: true, title: "The first request with this idempotency key still runs" },
  "too-large": { status: 413, title: "The body is larger than this route accepts" },
  "unsupported-media-type": { status: 415, title: "The body must be application/json" },
  "headers-too-large": { status: 431, title: "The request line and its headers are larger than the server reads" },
  "already-decided": { status: 409, title: "This was decided before" },
  "approval-expired": { status: 409, title: "Nobody approved this in time" },
  "arguments-changed": { status: 409, title: "The approval is for other arguments" },
  "task-started": { status: 409, title: "The task has begun, so it no longer changes" },
  "plan-unapproved": { status: 409, title: "The plan waits for its approval" },
  "no-replans-left": { status: 409, title: "The run was planned again as often as it may" },
  "run-ended": { status: 409, title: "The run has ended" },
  "invalid-plan": { status: 422, title: "The plan cannot be carried out" },
  "rate-limited": { status: 429, retryable: true, title: "Too many requests" },
  "budget-exhausted": { status: 402, title: "The budget does not cover this" },
  "unpriced-model": { status: 422, title: "The model has no known price and no cap was given" },
  unsupported_offline: { status: 422, title: "The offline rules cannot do this" },
  "provider-rejected": { status: 502, title: "The model provider refused the request" },
  "provider-unavailable": { status: 502, retryable: true, title: "The model provider could not be reached" },
  "answer-truncated": { status: 502, retryable: true, title: "The model's answer was cut off" },
  "tool-failed": { status: 422, title: "The tool could not do this" },
  "tool-timeout": { status: 422, title: "The tool ran longer than its limit" },
  "wrong-configuration": { status: 500, title: "The configuration cannot be used" },
  "database-resuming": { status: 503, retryable: true, title: "The database is waking up" },
  "gateway-timeout": { status: 504, retryable: true, title: "The answer took longer than the gateway waits" },
  internal: { status: 500, title: "Something went wrong on our side" },
} as const satisfies Readonly<Record<string, Entry>>;

export type ErrorCode = keyof typeof CATALOGUE;

export type FieldError = { pointer: string; detail: string };

export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
  /** Safe to show to the caller. */
  readonly detail: string;
  readonly errors: readonly FieldError[];
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, options: ErrorOptions & { errors?: readonly FieldError[]; retryAfter?: number } = {}) {
    super(`${code}: ${detail}`, options);
    const entry = describeErrorCode(code);
    this.code = code;
    this.status = entry.status;
    this.retryable = entry.retryable;
    this.title = entry.title;
    this.detail = detail;
    this.errors = options.errors ?? [];
    this.retryAfter = options.retryAfter;
  }
}

export const errorCodes: readonly ErrorCode[] = Object.keys(CATALOGUE).filter(isErrorCode);

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}

export function describeErrorCode(code: ErrorCode): { status: number; retryable: boolean; title: string } {
  const { status, title, retryable = false }: Entry = CATALOGUE[code];
  return { status, title, retryable };
}

export const notFound = (what: string): AppError => new AppError("not-found", `${what} does not exist`);
export const conflict = (detail: string): AppError => new AppError("conflict", detail);
export const invalidRequest = (detail: string, errors: readonly FieldError[] = []): AppError =>
  new AppError("invalid-request", detail, { errors });
export const unsupportedOffline = (detail: string): AppError => new AppError("unsupported_offline", detail);
