import { createHash } from "node:crypto";
import type { InputValue, LlmCall, Turn } from "../../shared/llm/contract.ts";
import type { ExecutorAnswer } from "../../shared/llm/hands/offline/calls.ts";
import { executeStep } from "../../shared/llm/hands/offline/executor/execute-step.ts";
import type { JsonObject, JsonValue } from "../../shared/platform/json.ts";
import { runProgram } from "./run-program.ts";

export type Attempt = ExecutorAnswer & {
  readonly calls: readonly { readonly name: string; readonly arguments: JsonObject }[];
  readonly files: Readonly<Record<string, string>>;
};

type Options = {
  readonly files?: Readonly<Record<string, string>>;
  readonly inputs?: readonly InputValue[];
  readonly tools?: readonly string[];
  /** Turns before the first. */
  readonly turns?: readonly Turn[];
};

const TOOLS = ["execute_javascript", "read_file", "write_file"];

/** Carries out one task to its answer, over files in memory: for tests of the executor without an orchestrator. */
export function tryStep(description: string, options: Options = {}): Attempt {
  const { inputs = [], tools = TOOLS } = options;
  const workspace: Record<string, string> = { ...options.files };
  const turns: Turn[] = [...(options.turns ?? [])];
  const calls: { name: string; arguments: JsonObject }[] = [];
  for (let turn = 0; turn < 20; turn++) {
    const reply = executeStep({
      ...callFor(description, inputs),
      variables: variablesOf(description, inputs.length + 1, workspace),
      turns,
      tools: [...tools],
    });
    if ("answer" in reply) return { ...reply.answer, calls, files: workspace };
    const { id, name, arguments: given } = reply.call;
    calls.push({ name, arguments: given });
    turns.push({ kind: "answer", text: "", tool_calls: [reply.call] });
    turns.push({ kind: "tool", call_id: id, name, ...useTool(name, given, workspace) });
  }
  throw new Error("the step never came to an answer");
}

function callFor(description: string, inputs: readonly InputValue[]): LlmCall {
  return {
    model: "offline:offline-rules-v1",
    prompt: { name: "executor", version: 1 },
    variables: variablesOf(description, 1, {}),
    inputs: [...inputs],
    turns: [],
    tools: [],
    max_output_tokens: 4_000,
    temperature: null,
  };
}

function variablesOf(description: string, ordinal: number, files: Readonly<Record<string, string>>): JsonObject {
  const listed = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) }));
  return { goal: "the goal", task: { ordinal, name: "Task", description }, files: listed };
}

const textOf = (value: JsonValue | undefined): string => (typeof value === "string" ? value : "");

function useTool(name: string, given: JsonObject, workspace: Record<string, string>): { ok: boolean; output: JsonValue } {
  const path = textOf(given["path"]);
  const describe = (text: string): JsonObject => ({
    path,
    bytes: Buffer.byteLength(text),
    sha256: createHash("sha256").update(text).digest("hex"),
  });
  if (name === "write_file") {
    workspace[path] = textOf(given["content"]);
    return { ok: true, output: describe(textOf(given["content"])) };
  }
  const wanted = name === "read_file" ? [path] : Array.isArray(given["files"]) ? given["files"].map(textOf) : [];
  const missing = wanted.find((file) => workspace[file] === undefined);
  if (missing !== undefined) return { ok: false, output: { code: "not-found", detail: `The file ${missing} does not exist` } };
  if (name === "read_file") {
    const text = workspace[path] ?? "";
    return { ok: true, output: { ...describe(text), content: text, truncated: false } };
  }
  const value = runProgram(
    textOf(given["code"]),
    given["input"] ?? null,
    Object.fromEntries(wanted.map((file) => [file, workspace[file] ?? ""])),
  );
  return { ok: true, output: { value, logs: [], duration_ms: 1 } };
}
