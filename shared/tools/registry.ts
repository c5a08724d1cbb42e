import { AssertSql, ExecuteJavascript, ReadFile, type ToolSpec, WriteFile } from "./contract.ts";
import { toolSafety, type WorkingToolName } from "./safety.ts";

const executeJavascript = {
  name: "execute_javascript",
  type: "javascript",
  description: [
    "Runs a JavaScript program and returns what it passes to output(value), which it must call exactly once with a JSON value of at most 128 KiB.",
    "`input` holds the argument `input`; `files` maps each path of the argument `files` to the text of that file of the workspace.",
    "console.log keeps up to 1,000 lines. There is no network, no file system, no import, no timer and no await outside a function.",
    "A program has 10 seconds and 128 MB; Date and Math.random are available.",
  ].join(" "),
  parameters: ExecuteJavascript,
  safety: toolSafety.execute_javascript,
  timeout_seconds: 10,
} as const satisfies ToolSpec;

const readFile = {
  name: "read_file",
  type: "file",
  description:
    "Reads a text file of the run's workspace. Returns its first 64 KiB, its size in bytes and its SHA-256; `truncated` is true when there is more. Use execute_javascript for a longer file.",
  parameters: ReadFile,
  safety: toolSafety.read_file,
  timeout_seconds: 30,
} as const satisfies ToolSpec;

const writeFile = {
  name: "write_file",
  type: "file",
  description: "Writes a text file into the run's workspace, in place of what was there. Returns its size in bytes and its SHA-256.",
  parameters: WriteFile,
  safety: toolSafety.write_file,
  timeout_seconds: 30,
} as const satisfies ToolSpec;

/** The tools of `toolSafety`. */
export const workingTools: readonly (ToolSpec & { readonly name: WorkingToolName })[] = [executeJavascript, readFile, writeFile];

/** Carries out an acceptance check of a task; offered to nobody. */
const assertSql = {
  name: "assert_sql",
  type: "sql",
  description: "Says whether an SQL statement holds of a result.",
  parameters: AssertSql,
  safety: "repeatable",
  timeout_seconds: 10,
} as const satisfies ToolSpec;

/** A tool that can be carried out, or undefined: one that cannot is as unknown as one that was made up. */
export function getTool(name: string): ToolSpec | undefined {
  return name === assertSql.name ? assertSql : workingTools.find((tool) => tool.name === name);
}
