import { AppError } from "../../../../platform/errors.ts";
import type { JsonObject, JsonValue } from "../../../../platform/json.ts";
import type { ToolCall, Turn } from "../../../contract.ts";

export type ToolRequest = { readonly name: string; readonly arguments: JsonObject };

/** Work that stops at each tool call and goes on with what the tool gave. */
export type Work<T> = Generator<ToolRequest, T, JsonValue>;

export type Progress<T> = { readonly done: true; readonly value: T } | { readonly done: false; readonly call: ToolCall };

/**
 * Runs the work from its beginning over the tool turns so far: up to the next call, or to its end.
 * @throws AppError of the tool (`tool-failed` unless its code is ours) when a tool could not do what it was asked
 */
export function replay<T>(work: Work<T>, turns: readonly Turn[]): Progress<T> {
  const outputs = turns.flatMap((turn) => (turn.kind === "tool" ? [turn] : []));
  let step = work.next();
  for (const output of outputs) {
    if (step.done === true) break;
    if (!output.ok) throw toolError(step.value, output.output);
    step = work.next(output.output);
  }
  if (step.done === true) return { done: true, value: step.value };
  return { done: false, call: { id: `call-${outputs.length + 1}`, name: step.value.name, arguments: step.value.arguments } };
}

function toolError(request: ToolRequest, output: JsonValue): AppError {
  const known = typeof output === "object" && output !== null && !Array.isArray(output) ? output : {};
  const detail = typeof known["detail"] === "string" ? known["detail"] : "it gave no reason";
  const code = known["code"] === "tool-timeout" || known["code"] === "timeout" ? "tool-timeout" : "tool-failed";
  const path = typeof request.arguments["path"] === "string" ? ` ${request.arguments["path"]}` : "";
  return new AppError(code, `${request.name}${path}: ${detail}`);
}
