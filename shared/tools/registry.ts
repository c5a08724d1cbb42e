import { AssertSql, ExecuteJavascript, ProposeSubtasks, ReadFile, type ToolSpec, WriteFile } from "./contract.ts";
import { PROPOSE_SUBTASKS, toolSafety, type WorkingToolName } from "./safety.ts";

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

/** Offered to executors where a run allows it. The core answers it: see shared/orchestration/subtasks. */
export const proposeSubtasks = {
  name: PROPOSE_SUBTASKS,
  type: "custom",
  description: [
    "Hands your task over to subtasks because it is too large to be done well in one go. Use it rarely: almost every task is done sooner, cheaper and",
    "better without it. Never use it for what a few calls of tools can do, for a single step, or to avoid work that you can do yourself. It fits where",
    "several large parts of the task each need many steps of their own. Call it alone, at the beginning; it ends your turn.",
    "A subtask is carried out by somebody who knows its description, the results that you were given, and the results of the subtasks in its",
    "`dependencies`, and nothing else: describe it completely. When all have completed, your task is taken up again with their results, to be finished",
    "from them; write into `notes` what will be needed for that. At most 10 subtasks, and a task can be divided once. If the proposal is refused, you are",
    "told why: correct it, or do the task yourself.",
  ].join(" "),
  parameters: ProposeSubtasks,
  safety: "repeatable",
  timeout_seconds: 1,
} as const satisfies ToolSpec;

/** A tool that can be carried out, or undefined: one that cannot is as unknown as one that was made up. */
export function getTool(name: string): ToolSpec | undefined {
  return name === assertSql.name ? assertSql : workingTools.find((tool) => tool.name === name);
}
