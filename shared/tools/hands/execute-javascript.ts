import type * as z from "zod";
import type { ExecuteJavascript, ExecuteJavascriptOutput } from "../contract.ts";
import { SANDBOX_LIMITS } from "../sandbox/limits.ts";
import { readFile } from "../workspace-files.ts";
import { decodeText, notText } from "./decode-text.ts";
import { countJsonBytes, TOOL_OUTPUT_BYTES, type ToolContext, type ToolOutcome } from "./tool-outcome.ts";

/** Runs a program on files of the workspace. A program that fails is a failure of the tool, told with what it printed. */
export async function executeJavascript(
  { code, input, files: paths = [] }: z.infer<typeof ExecuteJavascript>,
  timeoutSeconds: number,
  { files: workspace, runSandbox, signal }: ToolContext,
): Promise<ToolOutcome> {
  const files: Record<string, string> = {};
  for (const path of paths) {
    const text = decodeText(await readFile(workspace, path, SANDBOX_LIMITS.dataBytes, signal));
    if (text === undefined) return notText(path);
    files[path] = text;
  }
  const limits = { time_ms: timeoutSeconds * 1_000 };
  const result = await runSandbox({ code, files, limits, ...(input === undefined ? {} : { input }) }, signal);
  if (!result.ok) return { ok: false, code: result.code, detail: withLogs(result.detail, result.logs) };
  const { value, logs, duration_ms } = result;
  return { ok: true, output: fitLogs({ value, logs, duration_ms }) };
}

function withLogs(detail: string, logs: readonly string[]): string {
  return logs.length === 0 ? detail : `${detail}\nPrinted before:\n${logs.join("\n")}`;
}

/** The value comes first: lines of the log that do not fit beside it are dropped, which a last line says. */
function fitLogs(output: z.infer<typeof ExecuteJavascriptOutput>): z.infer<typeof ExecuteJavascriptOutput> {
  if (countJsonBytes(output) <= TOOL_OUTPUT_BYTES) return output;
  const note = "(later lines were not kept)";
  const logs: string[] = [];
  let room = TOOL_OUTPUT_BYTES - countJsonBytes({ ...output, logs: [note] });
  for (const line of output.logs) {
    room -= countJsonBytes(line) + 1;
    if (room < 0) break;
    logs.push(line);
  }
  return { ...output, logs: [...logs, note] };
}
