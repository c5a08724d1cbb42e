import { describe, expect, test } from "vitest";
import { TaskPolicy } from "../contracts/task-policy.ts";
import { findPolicyFaults } from "./find-policy-faults.ts";

/** Of its form, or, where that is right, of the schemas and patterns in it. */
function faultsOf(policy: unknown): string[] {
  const parsed = TaskPolicy.safeParse(policy);
  const faults = parsed.success ? findPolicyFaults(parsed.data) : parsed.error.issues;
  return faults.map(({ path, message }) => `${path.join("/")}: ${message}`);
}

describe("a task's policy", () => {
  test("may say nothing, or everything", () => {
    expect(faultsOf({})).toEqual([]);
    expect(
      faultsOf({
        retry: {
          max_attempts: 3,
          backoff_seconds: 0.5,
          backoff_rate: 2,
          max_backoff_seconds: 60,
          jitter: 0.5,
          terminal_codes: ["refused"],
        },
        timeout_seconds: 30,
        fallback: { kind: "task", description: "Say that it could not be done" },
        acceptance: [
          { kind: "json_schema", schema: { type: "array", items: { type: "number" } } },
          { kind: "regex", path: "/0", pattern: "^[0-9]+$", absent: true },
          { kind: "comparison", operator: "greater_than", value: 3 },
          { kind: "sandbox_test", code: "output(input.length > 0)", advisory: true },
        ],
      }),
    ).toEqual([]);
  });

  test.each<[unknown, string]>([
    [{ retry: { max_attempts: 0 } }, "retry/max_attempts: "],
    [{ retry: { max_attempts: 11 } }, "retry/max_attempts: "],
    [{ retry: { max_attempts: 2.5 } }, "retry/max_attempts: "],
    [{ retry: { backoff_seconds: -1 } }, "retry/backoff_seconds: "],
    [{ retry: { backoff_seconds: Number.POSITIVE_INFINITY } }, "retry/backoff_seconds: "],
    [{ retry: { backoff_rate: 0.5 } }, "retry/backoff_rate: "],
    [{ retry: { jitter: 1.1 } }, "retry/jitter: "],
    [{ retry: { retryable_codes: ["Not A Code"] } }, "retry/retryable_codes/0: "],
    [{ retry: { terminal_codes: "timeout" } }, "retry/terminal_codes: "],
    [{ timeout_seconds: 0 }, "timeout_seconds: "],
    [{ timeout_seconds: 86_401 }, "timeout_seconds: "],
    [{ fallback: { kind: "pray" } }, "fallback/kind: "],
    [{ fallback: { kind: "model" } }, "fallback/model: "],
    [{ fallback: { kind: "task", description: " " } }, "fallback/description: "],
    [{ acceptance: [{ kind: "regex", pattern: "(a" }] }, "acceptance/0/pattern: missing closing )"],
    [{ acceptance: [{ kind: "regex", pattern: "(?=a)" }] }, "acceptance/0/pattern: invalid or unsupported Perl syntax"],
    [{ acceptance: [{ kind: "regex", path: "a", pattern: "a" }] }, "acceptance/0/path: a JSON pointer"],
    [{ acceptance: [{ kind: "json_schema", schema: { type: "nix" } }] }, "acceptance/0/schema/type: must be equal to one of"],
    [{ acceptance: [{ kind: "comparison", operator: "less_than", value: null }] }, "acceptance/0/value: less_than compares"],
    [{ acceptance: [{ kind: "sql_assertion", query: " " }] }, "acceptance/0/query: "],
    [{ acceptance: [{ kind: "vibes" }] }, "acceptance/0/kind: "],
    [{ unknown: 1 }, ": Unrecognized key"],
  ])("that is absurd is refused at its place: %j", (policy, fault) => {
    expect(faultsOf(policy)).toEqual([expect.stringContaining(fault)]);
  });
});
