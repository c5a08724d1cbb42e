import type * as z from "zod";
import type { AssertSql } from "../contract.ts";
import type { ToolContext, ToolOutcome } from "./tool-outcome.ts";

/** Asks SQL whether something holds of a result: `value` is true or false. A statement that says neither is a failure of the tool. */
export async function assertSql(
  { query, input }: z.infer<typeof AssertSql>,
  timeoutSeconds: number,
  { runSandbox, signal }: ToolContext,
): Promise<ToolOutcome> {
  const result = await runSandbox({ language: "sql", code: query, input, limits: { time_ms: timeoutSeconds * 1_000 } }, signal);
  return result.ok ? { ok: true, output: { value: result.value } } : { ok: false, code: result.code, detail: result.detail };
}
