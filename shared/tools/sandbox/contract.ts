import * as z from "zod";
import { JsonValue } from "../../platform/json.ts";
import { SANDBOX_LIMITS } from "./limits.ts";

/** One execution of a program that nobody trusts. */
export const SandboxRequest = z.strictObject({
  /** Of SQL one statement that says true or false of the table `result`, which `input` is; JavaScript when absent. */
  language: z.exactOptional(z.enum(["javascript", "sql"])),
  code: z.string(),
  /** The guest's `input`; null when absent. */
  input: z.exactOptional(JsonValue),
  /** The guest's `files`: path to text. */
  files: z.exactOptional(z.record(z.string(), z.string())),
  limits: z.exactOptional(
    z.strictObject({
      time_ms: z.exactOptional(z.int().min(1).max(SANDBOX_LIMITS.timeMs.max)),
      memory_mb: z.exactOptional(z.int().min(SANDBOX_LIMITS.memoryMb.min).max(SANDBOX_LIMITS.memoryMb.max)),
    }),
  ),
});
export type SandboxRequest = z.infer<typeof SandboxRequest>;

export const SandboxFailureCode = z.enum(["timeout", "memory", "too_large", "exception", "no_output", "crashed"]);
export type SandboxFailureCode = z.infer<typeof SandboxFailureCode>;

export const SandboxResult = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), value: JsonValue, logs: z.array(z.string()), duration_ms: z.number() }),
  z.strictObject({ ok: z.literal(false), code: SandboxFailureCode, detail: z.string(), logs: z.array(z.string()) }),
]);
export type SandboxResult = z.infer<typeof SandboxResult>;
