import * as z from "zod";
import { JsonObject } from "../platform/json.ts";
import { ExecuteJavascript, ReadFile, type ToolSpec, WriteFile } from "./contract.ts";

/** The seven tools of the product. Those that do not work yet are stored as disabled and appear in no list. */

const executeJavascript: ToolSpec = {
  name: "execute_javascript",
  type: "javascript",
  description:
    "Runs a JavaScript program (ES2023) in a sandbox without network, modules or timers. Globals: `input` (the given JSON), `files` (maps each requested path to its text), `console.log`, and `output(value)`, which the program calls once with its JSON result.",
  parameters: ExecuteJavascript,
  safety: "repeatable",
  timeout_seconds: 15,
};

const readFile: ToolSpec = {
  name: "read_file",
  type: "file",
  description:
    "Reads a text file of the run's workspace. Long files come cut, with `truncated` true; their size and hash are of the whole.",
  parameters: ReadFile,
  safety: "repeatable",
  timeout_seconds: 15,
};

const writeFile: ToolSpec = {
  name: "write_file",
  type: "file",
  description: "Writes a text file into the run's workspace, replacing one of the same path.",
  parameters: WriteFile,
  // The same bytes at the same path: doing it twice changes nothing.
  safety: "repeatable",
  timeout_seconds: 15,
};

export const workingTools: readonly ToolSpec[] = [executeJavascript, readFile, writeFile];

const disabledTools: readonly Omit<ToolSpec, "safety">[] = [
  {
    name: "execute_python",
    type: "python",
    description: "Runs a Python program in a sandbox.",
    parameters: z.strictObject({ code: z.string().min(1).max(100_000) }),
    timeout_seconds: 30,
  },
  {
    name: "http_request",
    type: "http",
    description: "Sends an HTTP request to a public host.",
    parameters: z.strictObject({
      method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
      url: z.url(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().max(1_000_000).optional(),
    }),
    timeout_seconds: 30,
  },
  {
    name: "sql_query",
    type: "sql",
    description: "Runs one read-only SQL query.",
    parameters: z.strictObject({ query: z.string().min(1).max(20_000) }),
    timeout_seconds: 30,
  },
  {
    name: "search_web",
    type: "search",
    description: "Searches the web.",
    parameters: z.strictObject({ query: z.string().min(1).max(1_000), limit: z.int().min(1).max(20).optional() }),
    timeout_seconds: 30,
  },
];

/** Undefined for a tool that does not exist or does not work yet. */
export function getTool(name: string): ToolSpec | undefined {
  return workingTools.find((tool) => tool.name === name);
}

/** A working tool as a model is told of it. */
export function findTool(name: string): { name: string; description: string; parameters: JsonObject } | undefined {
  const tool = getTool(name);
  return tool === undefined ? undefined : { name, description: tool.description, parameters: toolParametersSchema(tool) };
}

/** JSON schema of a tool's arguments. */
export function toolParametersSchema(tool: Pick<ToolSpec, "parameters">): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.parameters, { io: "input" });
  return JsonObject.parse(JSON.parse(JSON.stringify(schema)));
}

export type SeedTool = Omit<ToolSpec, "parameters" | "safety"> & { parameters_schema: JsonObject; is_enabled: boolean };

/** All seven as the `tools` table holds them. */
export const seedTools: readonly SeedTool[] = [
  ...workingTools.map((tool) => ({ ...describe(tool), is_enabled: true })),
  ...disabledTools.map((tool) => ({ ...describe(tool), is_enabled: false })),
];

function describe({ name, type, description, timeout_seconds, parameters }: Omit<ToolSpec, "safety">): Omit<SeedTool, "is_enabled"> {
  return { name, type, description, timeout_seconds, parameters_schema: toolParametersSchema({ parameters }) };
}
