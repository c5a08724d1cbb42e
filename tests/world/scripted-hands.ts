import type { Plan } from "../../shared/agents/contract.ts";
import type { ClaimedEffect, EffectOutcome } from "../../shared/effects/contract.ts";
import { LlmCall } from "../../shared/llm/contract.ts";
import type { JsonObject, JsonValue } from "../../shared/platform/json.ts";

/** How a scripted model answers an executor: with text, or by calling tools first. */
export type ScriptedExecutor = (call: LlmCall) => EffectOutcome;

export type Script = {
  plan: Plan;
  /** What a run that is planned again is planned as: the same unless told. */
  replan?: Plan;
  /** What the critic finds at its first reviews; afterwards it approves. */
  rejections?: string[];
  executor?: ScriptedExecutor;
  /** The model that the answers claim to come from, and what each call is said to have used. */
  tokens?: { input: number; output: number };
};

/** A plan of one-line tasks: `{ a: [], b: ["a"] }` is a chain of two. */
export function planOf(dependencies: Readonly<Record<string, readonly string[]>>): Plan {
  const tasks = Object.entries(dependencies).map(([id, parents]) => ({
    id,
    name: `Task ${id}`,
    description: `Do ${id}`,
    required_capabilities: [],
    dependencies: [...parents],
    estimated_duration_seconds: 1,
    complexity: "low" as const,
    fallback_strategy: "fail",
  }));
  return { tasks, risks: [] };
}

export function answerText(text: string, script: Pick<Script, "tokens">): EffectOutcome {
  const { input, output } = script.tokens ?? { input: 10, output: 10 };
  return {
    status: "done",
    result: { model: "scripted", text, tool_calls: [], finish_reason: "stop", provider_request_id: null },
    usage: { model: "scripted", input_tokens: input, output_tokens: output, cached_input_tokens: 0 },
  };
}

export function succeedWith(result: JsonValue, script: Pick<Script, "tokens"> = {}): EffectOutcome {
  return answerText(JSON.stringify({ status: "success", output: { result, details: "" }, error: "" }), script);
}

export function failWith(error: string, script: Pick<Script, "tokens"> = {}): EffectOutcome {
  return answerText(JSON.stringify({ status: "failure", output: { result: null, details: "" }, error }), script);
}

/** An executor that writes a file first, and answers when the tool has. */
export const callToolThenSucceed: ScriptedExecutor = (call) =>
  call.turns.length > 0 ? succeedWith("done") : callTools(["write_file", { path: "a.txt", content: "a" }]);

/** An answer that calls tools, each by its name and arguments. */
export function callTools(...calls: readonly (readonly [name: string, values: JsonObject])[]): EffectOutcome {
  const tool_calls = calls.map(([name, values], index) => ({ id: `call-${index}`, name, arguments: values }));
  return {
    status: "done",
    result: { model: "scripted", text: "", tool_calls, finish_reason: "tool_calls", provider_request_id: null },
    usage: { model: "scripted", input_tokens: 10, output_tokens: 10, cached_input_tokens: 0 },
  };
}

/** What a hand of the script reports for a claimed effect. */
export function carryOut(script: Script, effect: ClaimedEffect): EffectOutcome {
  if (effect.kind === "tool") return { status: "done", result: { tool: effect.request["tool"] ?? null } };
  const call = LlmCall.parse(effect.request);
  switch (call.prompt.name) {
    case "planner":
      return answerText(JSON.stringify(script.plan), script);
    case "replanner":
      return answerText(JSON.stringify(script.replan ?? script.plan), script);
    case "critic":
      return review(script);
    case "summarizer":
      return answerText(JSON.stringify({ summary: "All done", key_points: call.inputs.map((input) => input.name), confidence: 1 }), script);
    default:
      return script.executor?.(call) ?? succeedWith(call.variables["goal"] ?? null, script);
  }
}

function review(script: Script): EffectOutcome {
  const description = script.rejections?.shift();
  const issue = { severity: "high", category: "correctness", description, location: "", suggestion: "" };
  const answer = { approved: description === undefined, overall_score: 5, issues: description === undefined ? [] : [issue], strengths: [] };
  return answerText(JSON.stringify(answer), script);
}
