import * as z from "zod";
import { AppError, unsupportedOffline } from "../../../../platform/errors.ts";
import type { LlmCall, ToolCall } from "../../../contract.ts";
import type { ExecutorAnswer } from "../calls.ts";
import { WHAT_HELPS } from "../limits.ts";
import { countRows, gatherResults, type SingleResult } from "../results.ts";
import { leftOutNotes, titleOf } from "../writing/render-markdown.ts";
import { performStep } from "./perform-step.ts";
import { replay } from "./replay.ts";
import { readStepContext, type StepContext } from "./step-context.ts";

export type ExecutorReply = { readonly answer: ExecutorAnswer } | { readonly call: ToolCall };

/** The next tool call of a step, or its answer. What cannot be done is an answer too: a failure with its code and reason. */
export function executeStep(call: LlmCall): ExecutorReply {
  const context = readStepContext(call);
  try {
    const correction = call.turns.find((turn) => turn.kind === "correction");
    if (correction !== undefined) throw unsupportedOffline(`an answer was refused (${correction.text}), and the rules have no other`);
    const progress = replay(performStep(context), call.turns);
    if (progress.done) return { answer: success(progress.value) };
    if (!call.tools.includes(progress.call.name)) throw unsupportedOffline(`it needs the tool ${progress.call.name}, which is not offered`);
    return { call: progress.call };
  } catch (error) {
    return { answer: failure(reasonOf(error), context) };
  }
}

/** Only what is known to be safe to show; anything else is a defect and is thrown on. */
function reasonOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof z.ZodError) return new AppError("tool-failed", "a tool answered in an unexpected shape", { cause: error });
  throw error;
}

function success(results: readonly SingleResult[]): ExecutorAnswer {
  const details = results.flatMap((result) => [describeResult(result), ...(result.kind === "file" ? [] : leftOutNotes(result))]);
  return { status: "success", output: { result: gatherResults(results), details: details.join(" ") }, error: "" };
}

function describeResult(result: SingleResult): string {
  if (result.kind === "number") return `${titleOf(result)}.`;
  if (result.kind === "table") return `${titleOf(result)}: ${countRows(result) === 1 ? "1 row" : `${countRows(result)} rows`}.`;
  return result.columns === undefined
    ? `${result.path}: ${result.bytes} bytes.`
    : `${result.path}: ${result.rows ?? 0} rows, ${result.columns.length} columns.`;
}

function failure(error: AppError, { step }: StepContext): ExecutorAnswer {
  const help = error.code === "unsupported_offline" ? `; ${WHAT_HELPS}` : "";
  return {
    status: "failure",
    output: { result: null, details: "" },
    error: `${error.code}: step ${step}: ${error.detail}${help}`,
  };
}
