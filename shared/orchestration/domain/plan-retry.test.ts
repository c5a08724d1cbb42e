import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fallback } from "../../agents/contracts/task-policy.ts";
import { delayAfter, type FailedAttempt, isRetryable, planRetry } from "./plan-retry.ts";

const NOW = "2026-01-01T00:00:00.000Z";
const seconds = (max: number) => fc.double({ min: 0, max, noNaN: true });
const backoffs = fc.record({
  backoff_seconds: seconds(3_600),
  backoff_rate: fc.double({ min: 1, max: 10, noNaN: true }),
  max_backoff_seconds: seconds(86_400),
});
const numbers = fc.integer({ min: 1, max: 10 });

const failed = (changes: Partial<FailedAttempt> = {}): FailedAttempt => ({
  task_id: "task",
  number: 1,
  error: { code: "provider-unavailable", detail: "", retryable: true },
  on_fallback: false,
  is_unsafe: false,
  ...changes,
});
const errorOf = (code: string, retryable: boolean) => ({ code, detail: "", retryable });

describe("the wait before a task is tried again", () => {
  test("never becomes shorter, and never longer than its cap", () => {
    fc.assert(
      fc.property(backoffs, fc.uuid(), numbers, (policy, task, number) => {
        const delay = delayAfter(policy, task, number);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(Math.round(policy.max_backoff_seconds * 1_000));
        expect(delayAfter(policy, task, number + 1)).toBeGreaterThanOrEqual(delay);
      }),
    );
  });

  test("is as much shorter as its jitter allows at most, and the same each time it is asked for", () => {
    fc.assert(
      fc.property(backoffs, fc.double({ min: 0, max: 1, noNaN: true }), fc.uuid(), numbers, (policy, jitter, task, number) => {
        const full = delayAfter(policy, task, number);
        const delay = delayAfter({ ...policy, jitter }, task, number);
        expect(delay).toBeLessThanOrEqual(full);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * (1 - jitter)) - 1);
        expect(delayAfter({ ...policy, jitter }, task, number)).toBe(delay);
      }),
    );
  });

  test("is spread over all that the jitter allows", () => {
    const delays = fc.sample(fc.uuid(), 1_000).map((task) => delayAfter({ backoff_seconds: 10, jitter: 1 }, task, 1));
    const quarters = [0, 1, 2, 3].map((quarter) => delays.filter((delay) => Math.floor(delay / 2_500) === quarter).length);

    for (const count of quarters) expect(count).toBeGreaterThan(150);
  });

  test("doubles by default", () => {
    expect([1, 2, 3, 4].map((number) => delayAfter({ backoff_seconds: 1 }, "task", number))).toEqual([1_000, 2_000, 4_000, 8_000]);
  });
});

describe("a failed attempt", () => {
  test.each([
    ["what says so of itself", {}, errorOf("a", true), true],
    ["not what does not", {}, errorOf("a", false), false],
    ["what its policy calls retryable", { retryable_codes: ["a"] }, errorOf("a", false), true],
    ["not what its policy calls terminal", { terminal_codes: ["a"] }, errorOf("a", true), false],
    ["not what its policy calls both", { terminal_codes: ["a"], retryable_codes: ["a"] }, errorOf("a", true), false],
  ])("is tried again: %s", (_, policy, error, expected) => {
    expect(isRetryable(policy, error)).toBe(expected);
  });

  test("of a task without a policy is tried once more, at once", () => {
    expect(planRetry({}, failed(), NOW)).toEqual({ kind: "retry", not_before: null });
    expect(planRetry({}, failed({ number: 2 }), NOW)).toEqual({ kind: "fail" });
    expect(planRetry({}, failed({ error: errorOf("refused", false) }), NOW)).toEqual({ kind: "fail" });
  });

  test("waits for its turn", () => {
    expect(planRetry({ retry: { max_attempts: 3, backoff_seconds: 2 } }, failed({ number: 2 }), NOW)).toEqual({
      kind: "retry",
      not_before: "2026-01-01T00:00:04.000Z",
    });
  });

  test.each<Fallback>([{ kind: "agent" }, { kind: "model", model: "m" }, { kind: "task", description: "d" }])(
    "is followed by its fallback once, when nothing else is left: %j",
    (fallback) => {
      const policy = { fallback, retry: { max_attempts: 2, terminal_codes: ["refused"] } };

      expect(planRetry(policy, failed(), NOW).kind).toBe("retry");
      expect(planRetry(policy, failed({ number: 2 }), NOW)).toEqual({ kind: "fallback", fallback });
      expect(planRetry(policy, failed({ error: errorOf("refused", true) }), NOW)).toEqual({ kind: "fallback", fallback });
      expect(planRetry(policy, failed({ number: 2, on_fallback: true }), NOW)).toEqual({ kind: "fail" });
    },
  );

  test("is skipped where its policy says so, after its last attempt", () => {
    const policy = { fallback: { kind: "skip" } as const };

    expect(planRetry(policy, failed(), NOW).kind).toBe("retry");
    expect(planRetry(policy, failed({ number: 2 }), NOW)).toEqual({ kind: "skip" });
  });

  test.each<[Fallback, string]>([
    [{ kind: "agent" }, "fail"],
    [{ kind: "model", model: "m" }, "fail"],
    [{ kind: "task", description: "d" }, "fail"],
    [{ kind: "fail" }, "fail"],
    [{ kind: "skip" }, "skip"],
  ])("in which something may have happened that must not happen twice is not tried again: %j", (fallback, kind) => {
    const policy = { fallback, retry: { max_attempts: 10, retryable_codes: ["timeout"] } };

    expect(planRetry(policy, failed({ is_unsafe: true }), NOW)).toEqual({ kind });
  });
});
