import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { JsonObject, JsonValue } from "../../shared/platform/json.ts";
import { ExecuteJavascript, READ_FILE_INLINE_BYTES, ReadFile, WriteFile } from "../../shared/tools/contract.ts";
import { SANDBOX_LIMITS } from "../../shared/tools/sandbox/limits.ts";
import { loadEngine } from "../../shared/tools/sandbox/load-engine.ts";
import { runGuest } from "../../shared/tools/sandbox/run-guest.ts";

export type ToolOutput = { readonly ok: true; readonly output: JsonValue } | { readonly ok: false; readonly output: JsonValue };
export type Tools = { readonly call: (name: string, args: JsonObject) => Promise<ToolOutput> };

const refuse = (code: string, detail: string): ToolOutput => ({ ok: false, output: { code, detail } });

let engineModule: Promise<WebAssembly.Module> | undefined;

function compileEngine(): Promise<WebAssembly.Module> {
  const path = createRequire(import.meta.url).resolve("@jitl/quickjs-ng-wasmfile-release-sync/wasm");
  engineModule ??= WebAssembly.compile(readFileSync(path));
  return engineModule;
}

/** The three tools over a workspace in memory; programs run in the sandbox's own engine, in this process. */
export function createTools(workspace: Map<string, string>): Tools {
  const describe = (path: string, text: string): { path: string; bytes: number; sha256: string } => ({
    path,
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  });
  const read = (args: JsonObject): ToolOutput => {
    const { path } = ReadFile.parse(args);
    const text = workspace.get(path);
    if (text === undefined) return refuse("not-found", `${path} does not exist`);
    const content = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.from(text).subarray(0, READ_FILE_INLINE_BYTES));
    return { ok: true, output: { ...describe(path, text), content, truncated: Buffer.byteLength(text) > READ_FILE_INLINE_BYTES } };
  };
  const write = (args: JsonObject): ToolOutput => {
    const { path, content } = WriteFile.parse(args);
    workspace.set(path, content);
    return { ok: true, output: describe(path, content) };
  };
  const execute = async (args: JsonObject): Promise<ToolOutput> => {
    const { code, input = null, files = [] } = ExecuteJavascript.parse(args);
    const missing = files.find((path) => !workspace.has(path));
    if (missing !== undefined) return refuse("not-found", `${missing} does not exist`);
    const texts = Object.fromEntries(files.map((path) => [path, workspace.get(path) ?? ""]));
    const engine = await loadEngine(await compileEngine(), SANDBOX_LIMITS.memoryMb.default);
    const result = runGuest(engine, {
      language: "javascript",
      code,
      input: JSON.stringify(input),
      files: JSON.stringify(texts),
      timeMs: SANDBOX_LIMITS.timeMs.default,
      memoryMb: SANDBOX_LIMITS.memoryMb.default,
    });
    if (!result.ok) return refuse(result.code, result.detail);
    return { ok: true, output: { value: JSON.parse(result.value) as JsonValue, logs: result.logs, duration_ms: result.duration_ms } };
  };
  return {
    async call(name, args) {
      try {
        if (name === "read_file") return read(args);
        if (name === "write_file") return write(args);
        return name === "execute_javascript" ? await execute(args) : refuse("unknown_tool", `there is no tool named ${name}`);
      } catch (error) {
        return refuse("invalid_arguments", String(error));
      }
    },
  };
}
