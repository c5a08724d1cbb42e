import * as z from "zod";
import { JsonObject, JsonValue } from "../../platform/json.ts";

/**
 * How a task is tried, how its result is checked, and what happens when it fails. Everything may be left out. Only the form: schemas and
 * patterns are looked into by find-policy-faults.ts, which few need.
 */

/** A code of ours, of a tool or of an agent: `timeout`, `acceptance-failed`, `unsupported_offline`. */
const ErrorCode = z.string().regex(/^[a-z][a-z0-9_-]{1,99}$/, "an error code: lower-case letters, digits, _ and -");

const RetryPolicy = z.strictObject({
  /** All attempts together, the first included; 2 when left out. */
  max_attempts: z.exactOptional(z.int().min(1).max(10)),
  /** Before the second attempt; 0 when left out. */
  backoff_seconds: z.exactOptional(z.number().min(0).max(3_600)),
  /** Each wait is this many times the one before, up to the longest; 2 and 3600 when left out. */
  backoff_rate: z.exactOptional(z.number().min(1).max(10)),
  max_backoff_seconds: z.exactOptional(z.number().min(0).max(86_400)),
  /** Share of each wait that may be taken off it; 0 when left out. */
  jitter: z.exactOptional(z.number().min(0).max(1)),
  /** Tried again, whatever the error says of itself. */
  retryable_codes: z.exactOptional(z.array(ErrorCode).max(50)),
  /** Never tried again; wins over everything else. */
  terminal_codes: z.exactOptional(z.array(ErrorCode).max(50)),
});

const Fallback = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("agent") }),
  z.strictObject({ kind: z.literal("model"), model: z.string().min(1).max(200) }),
  z.strictObject({ kind: z.literal("task"), description: z.string().trim().min(1).max(20_000) }),
  z.strictObject({ kind: z.literal("skip") }),
  z.strictObject({ kind: z.literal("fail") }),
]);
export type Fallback = z.infer<typeof Fallback>;

const path = z.exactOptional(
  z
    .string()
    .max(1_000)
    .regex(/^(?:\/(?:[^~]|~[01])*)?$/, "a JSON pointer such as /rows/0/total; empty for the whole result"),
);
/** An advisory check is counted and does not stop the task: the critic is measured by it. */
const advisory = z.exactOptional(z.boolean());

const acceptanceChecks = [
  z.strictObject({
    kind: z.literal("json_schema"),
    schema: JsonObject,
    advisory,
  }),
  z.strictObject({
    kind: z.literal("regex"),
    path,
    pattern: z.string().max(1_000),
    /** True: it must not be found. */
    absent: z.exactOptional(z.boolean()),
    advisory,
  }),
  z.strictObject({
    kind: z.literal("comparison"),
    path,
    operator: z.enum(["equals", "not_equals", "less_than", "less_or_equal", "greater_than", "greater_or_equal", "contains"]),
    value: JsonValue,
    advisory,
  }),
  z.strictObject({
    kind: z.literal("sandbox_test"),
    code: z.string().min(1).max(20_000),
    advisory,
  }),
  z.strictObject({
    kind: z.literal("sql_assertion"),
    /** One statement of SQLite that answers true or false by the table `result`: see shared/tools/sandbox/run-query.ts. */
    query: z.string().trim().min(1).max(20_000),
    advisory,
  }),
] as const;

export const AcceptanceCheck = z.discriminatedUnion("kind", acceptanceChecks);
export type AcceptanceCheck = z.infer<typeof AcceptanceCheck>;

export const TaskPolicy = z
  .strictObject({
    retry: z.exactOptional(RetryPolicy),
    timeout_seconds: z.exactOptional(z.int().min(1).max(86_400)),
    fallback: z.exactOptional(Fallback),
    acceptance: z.exactOptional(z.array(AcceptanceCheck).max(20)),
    /** An attempt begins when a person has approved it in the inbox. */
    requires_approval: z.exactOptional(z.boolean()),
  })
  .meta({ id: "TaskPolicy" });
export type TaskPolicy = z.infer<typeof TaskPolicy>;
