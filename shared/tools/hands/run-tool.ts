import type * as z from "zod";
import { AppError } from "../../platform/errors.ts";
import type { JsonObject } from "../../platform/json.ts";
import { AssertSql, ExecuteJavascript, ReadFile, WriteFile, type WriteFileOutput } from "../contract.ts";
import type { ToolRequest } from "../contracts/tool-request.ts";
import { getTool } from "../registry.ts";
import { writeFile } from "../workspace-files.ts";
import { assertSql } from "./assert-sql.ts";
import { executeJavascript } from "./execute-javascript.ts";
import { limitTime } from "./limit-time.ts";
import { readTextFile } from "./read-text-file.ts";
import { countJsonBytes, TOOL_OUTPUT_BYTES, type ToolContext, type ToolOutcome } from "./tool-outcome.ts";

type CarryOut = (args: JsonObject, timeoutSeconds: number, context: ToolContext) => Promise<ToolOutcome>;

const carriers: ReadonlyMap<string, CarryOut> = new Map([
  ["assert_sql", withArguments(AssertSql, assertSql)],
  ["execute_javascript", withArguments(ExecuteJavascript, executeJavascript)],
  ["read_file", withArguments(ReadFile, withinTimeout(readTextFile))],
  ["write_file", withArguments(WriteFile, withinTimeout(writeTextFile))],
]);

/**
 * Carries out one call of a tool. What the caller can mend (an unknown tool, wrong arguments, an absent file, a failing program, too
 * long or too large) is an answer with a code and a detail that the model may read; what only we can mend is thrown.
 */
export async function runTool(request: ToolRequest, context: ToolContext): Promise<ToolOutcome> {
  const spec = getTool(request.tool);
  const carryOut = carriers.get(request.tool);
  if (spec === undefined || carryOut === undefined) {
    return { ok: false, code: "unknown_tool", detail: `There is no tool named ${request.tool.slice(0, 100)}` };
  }
  try {
    return refuseTooLarge(await carryOut(request.arguments, spec.timeout_seconds, context));
  } catch (error) {
    if (error instanceof AppError && !error.retryable) return { ok: false, code: error.code, detail: error.detail };
    throw error;
  }
}

async function writeTextFile({ path, content }: z.infer<typeof WriteFile>, { files, signal }: ToolContext): Promise<ToolOutcome> {
  const output: z.infer<typeof WriteFileOutput> = await writeFile(files, path, content, signal);
  return { ok: true, output };
}

function withArguments<Schema extends z.ZodType>(
  schema: Schema,
  carryOut: (args: z.output<Schema>, timeoutSeconds: number, context: ToolContext) => Promise<ToolOutcome>,
): CarryOut {
  return async (args, timeoutSeconds, context) => {
    const parsed = schema.safeParse(args);
    if (parsed.success) return carryOut(parsed.data, timeoutSeconds, context);
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "arguments"}: ${issue.message}`);
    return { ok: false, code: "invalid_arguments", detail: faults.join("; ") };
  };
}

function withinTimeout<Arguments>(
  work: (args: Arguments, context: ToolContext) => Promise<ToolOutcome>,
): (args: Arguments, timeoutSeconds: number, context: ToolContext) => Promise<ToolOutcome> {
  return (args, seconds, context) => {
    const overdue = () => new AppError("tool-timeout", `The tool did not finish within ${seconds} seconds`);
    return limitTime(seconds, context.signal, overdue, (signal) => work(args, { ...context, signal }));
  };
}

function refuseTooLarge(outcome: ToolOutcome): ToolOutcome {
  if (!outcome.ok) return outcome;
  const bytes = countJsonBytes(outcome.output);
  if (bytes <= TOOL_OUTPUT_BYTES) return outcome;
  return { ok: false, code: "too_large", detail: `The output is ${bytes} bytes of JSON; at most ${TOOL_OUTPUT_BYTES} are kept` };
}
