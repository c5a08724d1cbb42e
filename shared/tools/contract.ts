import * as z from "zod";
import type { SafetyClass } from "../effects/contracts/effect.ts";
import { defineRoute } from "../platform/api/route.ts";
import { JsonObject, JsonValue } from "../platform/json.ts";
import { WorkspacePath } from "./contracts/workspace-path.ts";

export const ExecuteJavascript = z.strictObject({
  /** A program. `input` holds the JSON of `input`, `files` maps each path of `files` to its text; the value of the last expression or of `return` inside is not used: the program calls `output(value)` once. */
  code: z.string().min(1).max(100_000),
  input: JsonValue.optional(),
  files: z.array(WorkspacePath).max(16).optional(),
});
/** Of the journal only: no agent is offered it. */
export const AssertSql = z.strictObject({ query: z.string().min(1).max(20_000), input: JsonValue });
export const ReadFile = z.strictObject({ path: WorkspacePath });
export const WriteFile = z.strictObject({ path: WorkspacePath, content: z.string().max(1_000_000) });

/** Subtasks that one proposal may ask for. */
export const MAX_SUBTASKS = 10;

export const ProposeSubtasks = z.strictObject({
  subtasks: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(100),
        name: z.string().min(1).max(200),
        description: z.string().min(1).max(20_000),
        /** Ids of other subtasks of the proposal. */
        dependencies: z.array(z.string().max(100)).optional(),
        /** Names of tools. */
        required_capabilities: z.array(z.string().max(100)).max(20).optional(),
        complexity: z.enum(["low", "medium", "high"]).optional(),
      }),
    )
    .min(1)
    .max(MAX_SUBTASKS),
  /** What whoever finishes the task from their results has to know besides. */
  notes: z.string().max(4_000).optional(),
});
export type ProposeSubtasks = z.infer<typeof ProposeSubtasks>;

/** Content of a file that `read_file` returns inline, in bytes; the rest is cut and `truncated` is true. */
export const READ_FILE_INLINE_BYTES = 64 * 1024;

export const ReadFileOutput = z.strictObject({
  path: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  content: z.string(),
  truncated: z.boolean(),
});
export const WriteFileOutput = z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() });
/** `value` is what the program passed to `output`; `logs` what it printed with console.log. */
export const ExecuteJavascriptOutput = z.strictObject({ value: JsonValue, logs: z.array(z.string()), duration_ms: z.number() });

export type ToolSpec = {
  readonly name: string;
  readonly type: "python" | "javascript" | "http" | "sql" | "file" | "search" | "custom";
  readonly description: string;
  readonly parameters: z.ZodType<JsonObject> | z.ZodObject;
  readonly safety: SafetyClass;
  readonly timeout_seconds: number;
};

export const ToolDescription = z
  .strictObject({
    name: z.string(),
    type: z.enum(["python", "javascript", "http", "sql", "file", "search", "custom"]),
    description: z.string(),
    parameters: JsonObject.describe("JSON Schema of the arguments"),
    safety: z.enum(["repeatable", "once"]).describe("repeatable: may be carried out again after a crash"),
    timeout_seconds: z.int(),
  })
  .meta({ id: "Tool" });

export const listTools = defineRoute({
  id: "list-tools",
  method: "GET",
  path: "/v1/tools",
  zone: "mind",
  auth: "user",
  scopes: ["tools:read"],
  summary: "Tools that agents can use",
  status: 200,
  response: z.strictObject({ tools: z.array(ToolDescription) }),
});

export const toolRoutes = [listTools];
