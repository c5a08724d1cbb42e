import * as z from "zod";
import { JsonObject, JsonValue } from "../../platform/json.ts";

/**
 * How a task is tried, how its result is checked, and what happens when it fails. Everything may be left out. Only the form: schemas and
 * patterns are looked into by checked-task-policy.ts, which few need.
 */

/** A code of ours, of a tool or of an agent: `timeout`, `acceptance-failed`, `unsupported_offline`. */
const ErrorCode = z.string().regex(/^[a-z][a-z0-9_-]{1,99}$/, "an error code: lower-case letters, digits, _ and -");

const RetryPolicy = z
  .strictObject({
    max_attempts: z.exactOptional(z.int().min(1).max(10)).describe("all attempts together, the first included; 2 when left out"),
    backoff_seconds: z.exactOptional(z.number().min(0).max(3_600)).describe("wait before the second attempt; 0 when left out"),
    backoff_rate: z.exactOptional(z.number().min(1).max(10)).describe("each wait is this many times the one before; 2 when left out"),
    max_backoff_seconds: z.exactOptional(z.number().min(0).max(86_400)).describe("no wait is longer; 3600 when left out"),
    jitter: z.exactOptional(z.number().min(0).max(1)).describe("share of each wait that may be taken off it; 0 when left out"),
    retryable_codes: z.exactOptional(z.array(ErrorCode).max(50)).describe("tried again, whatever the error says of itself"),
    terminal_codes: z.exactOptional(z.array(ErrorCode).max(50)).describe("never tried again; wins over everything else"),
  })
  .describe("which failures are tried again, how often and when");

const Fallback = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("agent") }).describe("one more attempt by another agent that has the same capabilities"),
  z.strictObject({ kind: z.literal("model"), model: z.string().min(1).max(200) }).describe("one more attempt with this model"),
  z
    .strictObject({ kind: z.literal("task"), description: z.string().trim().min(1).max(20_000) })
    .describe("one more attempt, at this in the task's place"),
  z.strictObject({ kind: z.literal("skip") }).describe("the task counts as completed, with the result null"),
  z.strictObject({ kind: z.literal("fail") }).describe("the task fails, and all that depend on it are cancelled"),
]);
export type Fallback = z.infer<typeof Fallback>;

const path = z.exactOptional(
  z
    .string()
    .max(1_000)
    .regex(/^(?:\/(?:[^~]|~[01])*)?$/, "a JSON pointer such as /rows/0/total; empty for the whole result"),
);
/** An advisory check is counted and does not stop the task: the critic is measured by it. */
const advisory = z.exactOptional(z.boolean()).describe("only counted: its failure does not fail the attempt");

const acceptanceChecks = [
  z.strictObject({
    kind: z.literal("json_schema"),
    schema: JsonObject.describe("a JSON Schema without references"),
    advisory,
  }),
  z.strictObject({
    kind: z.literal("regex"),
    path,
    pattern: z.string().max(1_000).describe("a regular expression of RE2: no references back, no looking around"),
    /** True: it must not be found. */
    absent: z.exactOptional(z.boolean()),
    advisory,
  }),
  z
    .strictObject({
      kind: z.literal("comparison"),
      path,
      operator: z.enum(["equals", "not_equals", "less_than", "less_or_equal", "greater_than", "greater_or_equal", "contains"]),
      value: JsonValue,
      advisory,
    })
    .superRefine(({ operator, value }, context) => {
      const isOrdered = typeof value === "number" || typeof value === "string";
      if (isOrdered || !/^(?:less|greater)_/.test(operator)) return;
      context.addIssue({ code: "custom", path: ["value"], message: `${operator} compares with a number or a text` });
    }),
  z.strictObject({
    kind: z.literal("sandbox_test"),
    code: z.string().min(1).max(20_000).describe("a program as for execute_javascript: `input` is the result; it passes by output(true)"),
    advisory,
  }),
] as const;

export const AcceptanceCheck = z.discriminatedUnion("kind", acceptanceChecks);
export type AcceptanceCheck = z.infer<typeof AcceptanceCheck>;

export const TaskPolicy = z
  .strictObject({
    retry: z.exactOptional(RetryPolicy),
    timeout_seconds: z.exactOptional(z.int().min(1).max(86_400)).describe("how long one attempt may take"),
    fallback: z.exactOptional(Fallback).describe("what happens after the last attempt; fail when left out"),
    acceptance: z.exactOptional(z.array(AcceptanceCheck).max(20)).describe("what a result must pass before it counts"),
    requires_approval: z.exactOptional(z.boolean()).describe("an attempt begins when a person has approved it in the inbox"),
  })
  .meta({ id: "TaskPolicy" });
export type TaskPolicy = z.infer<typeof TaskPolicy>;
