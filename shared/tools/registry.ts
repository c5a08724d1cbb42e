import * as z from "zod";
import { JsonObject } from "../platform/json.ts";
import { ExecuteJavascript, ReadFile, type ToolSpec, WorkspacePath, WriteFile } from "./contract.ts";

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
  safety: "repeatable",
  timeout_seconds: 10,
} as const satisfies ToolSpec;

const readFile = {
  name: "read_file",
  type: "file",
  description:
    "Reads a text file of the run's workspace. Returns its first 64 KiB, its size in bytes and its SHA-256; `truncated` is true when there is more. Use execute_javascript for a longer file.",
  parameters: ReadFile,
  safety: "repeatable",
  timeout_seconds: 30,
} as const satisfies ToolSpec;

const writeFile = {
  name: "write_file",
  type: "file",
  description: "Writes a text file into the run's workspace, in place of what was there. Returns its size in bytes and its SHA-256.",
  parameters: WriteFile,
  // Written twice, the same bytes stand at the same path.
  safety: "repeatable",
  timeout_seconds: 30,
} as const satisfies ToolSpec;

/** The tools that agents may be offered. */
export const workingTools: readonly ToolSpec[] = [executeJavascript, readFile, writeFile];

/** Named by the seed, without code that carries them out: in the table as disabled, offered to nobody. */
const namedTools: readonly ToolSpec[] = [
  {
    name: "execute_python",
    type: "python",
    description: "Runs a Python program in a sandbox without network and returns its result.",
    parameters: z.strictObject({ code: z.string().min(1).max(100_000), files: z.array(WorkspacePath).max(16).optional() }),
    safety: "repeatable",
    timeout_seconds: 30,
  },
  {
    name: "http_request",
    type: "http",
    description: "Sends an HTTP request to a public address and returns the response.",
    parameters: z.strictObject({
      method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
      url: z.url().max(2_048),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().max(1_000_000).optional(),
    }),
    safety: "once",
    timeout_seconds: 30,
  },
  {
    name: "sql_query",
    type: "sql",
    description: "Runs one read-only SQL query and returns its rows.",
    parameters: z.strictObject({ query: z.string().min(1).max(20_000) }),
    safety: "repeatable",
    timeout_seconds: 30,
  },
  {
    name: "search_web",
    type: "search",
    description: "Searches the web and returns titles, addresses and excerpts.",
    parameters: z.strictObject({ query: z.string().min(1).max(1_000), limit: z.int().min(1).max(20).optional() }),
    safety: "repeatable",
    timeout_seconds: 30,
  },
];

/** A working tool, or undefined: a tool that cannot be carried out is as unknown as one that was made up. */
export function getTool(name: string): ToolSpec | undefined {
  return workingTools.find((tool) => tool.name === name);
}

/** The arguments of a tool as JSON Schema 2020-12, as a model and the table of tools get it. */
export function toolParametersSchema(spec: Pick<ToolSpec, "parameters">): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(spec.parameters, { io: "input" });
  return JsonObject.parse(schema);
}

export type SeedTool = Pick<ToolSpec, "name" | "type" | "description" | "timeout_seconds"> & {
  parameters: JsonObject;
  is_enabled: boolean;
};

/** The seven rows of the table `tools`. */
export const seedTools: readonly SeedTool[] = [...workingTools, ...namedTools].map((spec) => ({
  name: spec.name,
  type: spec.type,
  description: spec.description,
  parameters: toolParametersSchema(spec),
  is_enabled: workingTools.includes(spec),
  timeout_seconds: spec.timeout_seconds,
}));
