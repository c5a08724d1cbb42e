import type { Fallback, TaskPolicy } from "../../agents/contracts/task-policy.ts";
import type { EffectError } from "../../effects/contracts/effect.ts";

type RetryPolicy = NonNullable<TaskPolicy["retry"]>;

/** Attempts of a task whose policy says nothing: the first and one retry. */
export const MAX_ATTEMPTS = 2;
const BACKOFF_RATE = 2;
const MAX_BACKOFF_SECONDS = 3_600;

/** What is done about a failed attempt. `not_before` is an ISO 8601 time; null = now. */
export type Course =
  | { kind: "retry"; not_before: string | null }
  | { kind: "fallback"; fallback: Extract<Fallback, { kind: "agent" | "model" | "task" }> }
  | { kind: "skip" }
  | { kind: "fail" };

export type FailedAttempt = {
  task_id: string;
  /** From 1. */
  number: number;
  error: EffectError;
  /** It was the fallback that failed. */
  on_fallback: boolean;
  /** Something may have happened in it that must not happen twice. */
  is_unsafe: boolean;
};

/** What a policy makes of a failed attempt: tried again while it may be, then its fallback once, then the end. */
export function planRetry(policy: TaskPolicy, attempt: FailedAttempt, now: string): Course {
  const { fallback = { kind: "fail" }, retry = {} } = policy;
  const mayTry = !attempt.is_unsafe && !attempt.on_fallback;
  if (mayTry && isRetryable(retry, attempt.error) && attempt.number < (retry.max_attempts ?? MAX_ATTEMPTS)) {
    const delay = delayAfter(retry, attempt.task_id, attempt.number);
    return { kind: "retry", not_before: delay === 0 ? null : new Date(Date.parse(now) + delay).toISOString() };
  }
  if (fallback.kind === "skip" || fallback.kind === "fail") return { kind: fallback.kind };
  return mayTry ? { kind: "fallback", fallback } : { kind: "fail" };
}

/** What is called terminal is, whatever else is said of it. */
export function isRetryable({ terminal_codes = [], retryable_codes = [] }: RetryPolicy, error: EffectError): boolean {
  return !terminal_codes.includes(error.code) && (error.retryable || retryable_codes.includes(error.code));
}

/**
 * Milliseconds between the end of attempt `number` and the beginning of the next: exponential up to its cap, less a share of it that task and
 * number alone decide, so that tasks which failed together do not come back together and the same history gives the same times.
 */
export function delayAfter(policy: RetryPolicy, taskId: string, number: number): number {
  const { backoff_seconds = 0, backoff_rate = BACKOFF_RATE, max_backoff_seconds = MAX_BACKOFF_SECONDS, jitter = 0 } = policy;
  const seconds = Math.min(backoff_seconds * backoff_rate ** (number - 1), max_backoff_seconds);
  return Math.round(seconds * 1_000 * (1 - jitter * spread(`${taskId}/${number}`)));
}

/** A text as a number in [0, 1): FNV-1a, stirred so that texts which differ in their end differ in their first bits. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
