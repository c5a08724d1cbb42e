import { LlmAnswer, type TurnReference } from "../../llm/contract.ts";
import type { JsonObject } from "../../platform/json.ts";
import { PROPOSE_SUBTASKS } from "../../tools/safety.ts";
import { type Briefing, failWith, type Intent, type JournalEntry, type Next, waitForOpenEffects } from "./journal.ts";

/** What a role makes of an answer in words: accept it, or say in words why not. */
export type Reading = { ok: true; next: Next } | { ok: false; correction: string };

/** Times a model is told what was wrong with its answer before the attempt fails with it. */
const MAX_CORRECTIONS = 2;
/** Model calls of one attempt: an agent that has not finished by then goes round in circles. */
const MAX_MODEL_CALLS = 16;
/** Tool calls that one answer may ask for. */
const MAX_PARALLEL_CALLS = 8;

/**
 * The conversation that every role leads: ask the model, carry out the tools it calls, ask again, and read its final answer with `read`.
 * Pure: the same journal gives the same next move. `entries` starts with the first model call.
 */
export function converse(
  briefing: Briefing,
  variables: JsonObject,
  entries: readonly JournalEntry[],
  read: (text: string) => Reading,
  safetyOf: (tool: string) => Intent["safety"],
): Next {
  const last = entries.findLast((entry) => entry.kind === "llm");
  if (last === undefined) return ask(briefing, variables, []);
  if (entries.some((entry) => entry.state === "open")) return waitForOpenEffects;
  if (last.state === "failed") return { kind: "failed", error: last.error };
  if (last.state === "open") return waitForOpenEffects;

  const answer = LlmAnswer.safeParse(last.result).data;
  if (answer === undefined) return failWith("invalid-answer", "What was reported for the model is no answer of one", true);
  const refusal = refuse(answer);
  if (refusal !== undefined) return refusal;
  const answered = entries.filter((entry) => entry.seq > last.seq);
  if (answer.tool_calls.length > 0) {
    if (answered.length === 0) return callTools(answer, safetyOf);
    if (wasAccepted(answer, answered)) return { kind: "divided" };
    return askAgain(briefing, variables, entries, read);
  }
  const reading = read(answer.text);
  if (reading.ok) return reading.next;
  if (countCorrections(entries, read) > MAX_CORRECTIONS) return failWith("invalid-answer", reading.correction, true);
  return askAgain(briefing, variables, entries, read);
}

/** Whether the answer proposed subtasks and the core took them. A refusal is a failed entry, which the model reads as it reads any tool's. */
function wasAccepted({ tool_calls: [call] }: LlmAnswer, [first]: readonly JournalEntry[]): boolean {
  return call?.name === PROPOSE_SUBTASKS && first?.state === "done";
}

function refuse(answer: LlmAnswer): Next | undefined {
  if (answer.finish_reason === "refused") return failWith("refused", answer.text || "The model refused to answer");
  // Providers report a cut answer as a failure. One that does not must not pass for whole, whatever can be read of it.
  if (answer.finish_reason === "length") return failWith("answer-truncated", "The model's answer was cut off", true);
  return undefined;
}

function callTools(answer: LlmAnswer, safetyOf: (tool: string) => Intent["safety"]): Next {
  const intents = answer.tool_calls.slice(0, MAX_PARALLEL_CALLS).map(
    (call): Intent => ({
      kind: "tool",
      safety: safetyOf(call.name),
      request: { tool: call.name, call_id: call.id, arguments: call.arguments },
    }),
  );
  return { kind: "effects", intents };
}

function askAgain(briefing: Briefing, variables: JsonObject, entries: readonly JournalEntry[], read: (text: string) => Reading): Next {
  if (entries.filter((entry) => entry.kind === "llm").length >= MAX_MODEL_CALLS) {
    return failWith("too-many-turns", `No final answer after ${MAX_MODEL_CALLS} model calls`);
  }
  return ask(briefing, variables, turnsOf(entries, read));
}

function ask(briefing: Briefing, variables: JsonObject, turns: TurnReference[]): Next {
  const { model, prompt, inputs, tools, max_output_tokens, temperature } = briefing;
  // Only an executor acts; the others answer at once. The planner is told of the tools in its variables' place: it plans for them.
  const request = { model, prompt, variables, inputs, turns, tools, max_output_tokens, temperature };
  return { kind: "effects", intents: [{ kind: "llm", safety: "repeatable", request }] };
}

/** The conversation so far, each entry by its position, with the corrections where they were given. */
function turnsOf(entries: readonly JournalEntry[], read: (text: string) => Reading): TurnReference[] {
  return entries.flatMap((entry): TurnReference[] => {
    const correction = correctionOf(entry, read);
    return correction === undefined ? [{ seq: entry.seq }] : [{ seq: entry.seq }, { correction }];
  });
}

function countCorrections(entries: readonly JournalEntry[], read: (text: string) => Reading): number {
  return entries.filter((entry) => correctionOf(entry, read) !== undefined).length;
}

function correctionOf(entry: JournalEntry, read: (text: string) => Reading): string | undefined {
  if (entry.kind !== "llm" || entry.state !== "done") return undefined;
  const answer = LlmAnswer.safeParse(entry.result).data;
  if (answer === undefined || answer.tool_calls.length > 0) return undefined;
  const reading = read(answer.text);
  return reading.ok ? undefined : reading.correction;
}
