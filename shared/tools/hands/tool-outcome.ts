import type { JsonValue } from "../../platform/json.ts";
import type { SandboxRequest, SandboxResult } from "../sandbox/contract.ts";
import type { WorkspaceFiles } from "../workspace-files.ts";

/** JSON bytes of what a tool may return: with its envelope it fits a message of the results queue. */
export const TOOL_OUTPUT_BYTES = 128 * 1024;

export type ToolOutcome = { ok: true; output: JsonValue } | { ok: false; code: string; detail: string };

/** What a tool may use. */
export type ToolContext = {
  readonly files: WorkspaceFiles;
  readonly runSandbox: (request: SandboxRequest, signal: AbortSignal) => Promise<SandboxResult>;
  readonly signal: AbortSignal;
};

export const countJsonBytes = (value: JsonValue): number => Buffer.byteLength(JSON.stringify(value));
