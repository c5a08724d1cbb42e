import type { EffectError, EffectKind, SafetyClass } from "../../effects/contracts/effect.ts";
import { cutDetail } from "../../effects/cut-detail.ts";
import type { InputReference, LlmRequest } from "../../llm/contract.ts";
import type { JsonObject, JsonValue } from "../../platform/json.ts";
import type { ToolRequest } from "../../tools/contracts/tool-request.ts";
import type { Plan } from "../contract.ts";
import type { AcceptanceCheck } from "../contracts/task-policy.ts";

export type Role = "planner" | "executor" | "critic" | "summarizer";

/** All that `decide` knows besides the journal; fixed when the attempt starts and stored with it. */
export type Briefing = {
  role: Role;
  model: string;
  prompt: { name: string; version: number };
  /** What the prompt was published under when the attempt began: a replay sees that its text is another. */
  prompt_sha256?: string;
  max_output_tokens: number;
  temperature: number | null;
  /** The prompt's variables, but for what the journal adds (the planner's memories). */
  variables: JsonObject;
  inputs: InputReference[];
  /** Tools that exist, by name: what an executor may call and a plan may require. */
  tools: string[];
  /** Of a planner whose plan follows another: the ordinal of the run's last task so far. */
  last_ordinal?: number;
  /** What an executor's result must pass. */
  acceptance?: readonly AcceptanceCheck[];
  /** Of a task whose subtasks have completed: attempts that are no try of it, because they proposed them. */
  spared_attempts?: number;
};

/** Somebody outside called one tool: nobody thinks. */
export type CallBriefing = { role: "caller"; call: ToolRequest };

/** One effect of the attempt as the journal holds it, in the order of `seq`. `open` covers due, running and parked. */
export type JournalEntry = { seq: number; kind: EffectKind } & (
  | { state: "open" }
  | { state: "done"; result: JsonValue }
  | { state: "failed"; error: EffectError }
);

/** What an agent wants to happen; the orchestrator gives it an id, a hold and a queue. */
export type Intent = { safety: SafetyClass } & (
  | { kind: "llm"; request: LlmRequest }
  | { kind: "tool"; request: ToolRequest }
  | { kind: "recall"; request: RecallRequest }
);

export type RecallRequest = { query: string; limit: number };

/** The next move of an attempt. No intents means: wait for what is open. */
export type Next =
  | { kind: "effects"; intents: Intent[] }
  | { kind: "done"; result: JsonValue; plan?: Plan; checks?: CheckOutcome[] }
  | { kind: "failed"; error: EffectError; checks?: CheckOutcome[] }
  /** Its subtasks were accepted: the attempt is over, and its task is taken up again when they have completed. */
  | { kind: "divided" };

/** What an acceptance check of a task said: why the result does not pass, or null. `position` is its place in the policy. */
export type CheckOutcome = { position: number; kind: AcceptanceCheck["kind"]; advisory: boolean; reason: string | null };

export const waitForOpenEffects: Next = { kind: "effects", intents: [] };

export function failWith(code: string, detail: string, retryable = false): Extract<Next, { kind: "failed" }> {
  return { kind: "failed", error: { code, detail: cutDetail(detail), retryable } };
}
