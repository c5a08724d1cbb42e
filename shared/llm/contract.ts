import * as z from "zod";
import { JsonObject, JsonValue } from "../platform/json.ts";
import { ModelName } from "./contracts/model-name.ts";

/** Points at the result of a parent task: what the journal keeps instead of a copy. */
export const ResultReference = z.strictObject({ payload_id: z.uuid(), sha256: z.string().length(64) });
export type ResultReference = z.infer<typeof ResultReference>;

/** Input of a task: the result of a task it depends on, by reference in the journal and by value after the claim. */
export const InputReference = z.strictObject({ ordinal: z.int(), name: z.string(), task_id: z.uuid(), result: ResultReference.nullable() });
export type InputReference = z.infer<typeof InputReference>;

export const InputValue = z.strictObject({ ordinal: z.int(), name: z.string(), result: JsonValue });
export type InputValue = z.infer<typeof InputValue>;

export const ToolCall = z.strictObject({ id: z.string().min(1).max(200), name: z.string().min(1).max(100), arguments: JsonObject });
export type ToolCall = z.infer<typeof ToolCall>;

/** Earlier turns of the same attempt: what the model said, and what its tools answered. */
export const Turn = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("answer"), text: z.string(), tool_calls: z.array(ToolCall) }),
  z.strictObject({ kind: z.literal("tool"), call_id: z.string(), name: z.string(), ok: z.boolean(), output: JsonValue }),
  /** What the orchestrator says to the model, for instance why its last answer was refused. */
  z.strictObject({ kind: z.literal("correction"), text: z.string() }),
]);
export type Turn = z.infer<typeof Turn>;

/** In the journal a turn is the position of an effect in the same attempt, or a correction in words. */
export const TurnReference = z.union([z.strictObject({ seq: z.int().min(0) }), z.strictObject({ correction: z.string() })]);
export type TurnReference = z.infer<typeof TurnReference>;

const base = {
  model: ModelName,
  prompt: z.strictObject({ name: z.string(), version: z.int().min(1) }),
  /** Values of the prompt's variables; exactly the ones its front matter declares, except `inputs`, which is filled from `inputs`. */
  variables: z.record(z.string(), JsonValue),
  /** Names of tools: those an executor may call, those a plan may require; empty for the others. Whether calls are offered is the prompt's word. */
  tools: z.array(z.string()),
  max_output_tokens: z.int().min(1),
  temperature: z.number().min(0).max(2).nullable(),
};

/** As journaled: references instead of content. */
export const LlmRequest = z.strictObject({ ...base, inputs: z.array(InputReference), turns: z.array(TurnReference) });
export type LlmRequest = z.infer<typeof LlmRequest>;

/** As claimed: what a provider gets. */
export const LlmCall = z.strictObject({ ...base, inputs: z.array(InputValue), turns: z.array(Turn) });
export type LlmCall = z.infer<typeof LlmCall>;

export const FinishReason = z.enum(["stop", "tool_calls", "length", "refused"]);

export const LlmAnswer = z.strictObject({
  model: z.string(),
  text: z.string(),
  tool_calls: z.array(ToolCall),
  finish_reason: FinishReason,
  provider_request_id: z.string().nullable(),
});
export type LlmAnswer = z.infer<typeof LlmAnswer>;
