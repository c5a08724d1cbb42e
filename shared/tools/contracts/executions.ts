import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonValue } from "../../platform/json.ts";
import { ExecuteJavascript, ReadFile, WriteFile } from "../contract.ts";

export const ToolExecution = z
  .strictObject({
    id: z.uuid().describe("also the id of the run that the call is"),
    run_id: z.uuid().describe("the run in whose workspace the tool works"),
    tool: z.string(),
    status: z.enum(["running", "completed", "failed"]),
    output: JsonValue.describe("what the tool returned; null unless completed"),
    error: z.strictObject({ code: z.string(), detail: z.string() }).nullable().describe("why it failed; null unless failed"),
  })
  .meta({ id: "ToolExecution" });
export type ToolExecution = z.infer<typeof ToolExecution>;

/** Ten of them fit the one answer by which a worker claims its batch; a longer file is uploaded to its run. */
const CALL_BYTES = 512 * 1024;

const workspace = {
  run_id: z.uuid().optional().describe("the run in whose workspace the tool works; without it, an empty workspace of the call's own"),
};

const call = {
  method: "POST",
  zone: "mind",
  auth: "user",
  scopes: ["tools:write"],
  limits: { bodyBytes: CALL_BYTES },
  idempotent: true,
  status: 200,
  otherStatuses: { 202: "The tool still works after 20 seconds: Location tells where to look" },
  response: ToolExecution,
} as const;

export const callExecuteJavascript = defineRoute({
  ...call,
  id: "execute-javascript",
  path: "/v1/tools/execute_javascript",
  summary: "Run a JavaScript program in the sandbox",
  body: ExecuteJavascript.extend(workspace),
});

export const callReadFile = defineRoute({
  ...call,
  id: "read-file",
  path: "/v1/tools/read_file",
  summary: "Read a text file of a run's workspace",
  body: ReadFile.extend(workspace),
});

export const callWriteFile = defineRoute({
  ...call,
  id: "write-file",
  path: "/v1/tools/write_file",
  summary: "Write a text file into the workspace of a run that goes on",
  body: WriteFile.extend(workspace),
});

export const getToolExecution = defineRoute({
  id: "get-tool-execution",
  method: "GET",
  path: "/v1/tools/executions/{execution_id}",
  zone: "mind",
  auth: "user",
  scopes: ["tools:read"],
  summary: "A call of a tool, and what came of it",
  params: z.strictObject({ execution_id: z.uuid() }),
  status: 200,
  response: ToolExecution,
});

export const executionRoutes = [callExecuteJavascript, callReadFile, callWriteFile, getToolExecution];
