import type { EffectOutcome } from "../../shared/effects/contract.ts";
import { LlmCall } from "../../shared/llm/contract.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { answerText, callTools, failWith, succeedWith } from "../world/scripted-hands.ts";
import type { GoalScript } from "./random-dag.ts";

/** What a model answers to a call: it follows from the script of the goal and from the conversation so far, and from nothing else. */
export function answerCall(scripts: ReadonlyMap<string, GoalScript>, request: JsonObject): EffectOutcome {
  const call = LlmCall.parse(request);
  const script = scripts.get(String(call.variables["goal"]));
  if (script === undefined) return failWith("nobody has this goal");
  switch (call.prompt.name) {
    case "planner":
      return answerText(JSON.stringify(script.plansBadly && call.turns.length === 0 ? waitForItself(script) : script.plan), {});
    case "critic":
      return answerText(JSON.stringify({ approved: script.approves, overall_score: 5, issues: [], strengths: [] }), {});
    case "summarizer":
      return answerText(JSON.stringify({ summary: script.goal, key_points: call.inputs.map((input) => input.name), confidence: 1 }), {});
    default:
      return answerExecutor(script, call);
  }
}

function answerExecutor(script: GoalScript, call: LlmCall): EffectOutcome {
  const { task } = call.variables;
  const name = String(typeof task === "object" && task !== null && !Array.isArray(task) ? task["name"] : "");
  const missing = call.inputs.filter((input) => input.result === null);
  // An agent that is not given what it waited for says so, and the check of the inputs finds it.
  if (missing.length > 0) return failWith(`missing-input: ${missing.map((input) => input.name).join(", ")}`);
  const tools = call.turns.filter((turn) => turn.kind === "tool").length;
  const write = (file: string) => ["write_file", { path: file, content: name }] as const;
  switch (script.shapes.get(name)) {
    case "calls one tool":
      if (tools === 0) return callTools(write("a.txt"));
      break;
    case "calls two tools at once":
      if (tools === 0) return callTools(write("a.txt"), ["read_file", { path: "b.txt" }]);
      break;
    case "calls two tools in turn":
      if (tools < 2) return callTools(tools === 0 ? ["read_file", { path: "b.txt" }] : write("a.txt"));
      break;
    default:
      break;
  }
  return script.failing.has(name) ? failWith("unsupported_offline: not this one") : succeedWith(`${name} is done`);
}

function waitForItself({ plan }: GoalScript): GoalScript["plan"] {
  const [first, ...rest] = plan.tasks;
  return first === undefined ? plan : { ...plan, tasks: [{ ...first, dependencies: [rest.at(-1)?.id ?? first.id] }, ...rest] };
}
