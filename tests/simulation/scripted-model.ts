import * as z from "zod";
import type { EffectOutcome } from "../../shared/effects/contract.ts";
import { LlmCall } from "../../shared/llm/contract.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { PROPOSE_SUBTASKS } from "../../shared/tools/safety.ts";
import { answerText, callTools, failWith, succeedWith } from "../world/scripted-hands.ts";
import type { Division } from "./draw-divisions.ts";
import { ACCEPTED } from "./draw-policy.ts";
import type { GoalScript, Shape } from "./random-dag.ts";

/** What a model answers to a call: it follows from the script of the goal and from the conversation so far, and from nothing else. */
export function answerCall(scripts: ReadonlyMap<string, GoalScript>, request: JsonObject): EffectOutcome {
  const call = LlmCall.parse(request);
  const script = scripts.get(z.string().parse(call.variables["goal"]));
  if (script === undefined) return failWith("nobody has this goal");
  switch (call.prompt.name) {
    case "planner":
      return answerText(JSON.stringify(script.plansBadly && call.turns.length === 0 ? waitForItself(script) : script.plan), {});
    case "replanner":
      return answerText(JSON.stringify(goOnFromThere(script, call)), {});
    case "critic":
      return script.approves ? review(true, []) : rejectWith("it is not what was asked for");
    case "summarizer":
      return answerText(JSON.stringify({ summary: script.goal, key_points: call.inputs.map((input) => input.name), confidence: 1 }), {});
    default:
      return answerExecutor(script, call);
  }
}

export function rejectWith(description: string): EffectOutcome {
  return review(false, [{ severity: "high", category: "correctness", description, location: "", suggestion: "" }]);
}

function review(approved: boolean, issues: readonly object[]): EffectOutcome {
  return answerText(JSON.stringify({ approved, overall_score: 5, issues, strengths: [] }), {});
}

/** The plan that follows depends on something that the earlier one has left behind, where there is anything. */
function goOnFromThere({ replan }: GoalScript, call: LlmCall): GoalScript["replan"] {
  const finished = z.array(z.object({ id: z.string(), status: z.string() })).parse(call.variables["tasks"]);
  const [first, ...rest] = replan.tasks;
  const parent = finished.find((task) => task.status === "completed");
  if (first === undefined || parent === undefined) return replan;
  return { ...replan, tasks: [{ ...first, dependencies: [parent.id] }, ...rest] };
}

function answerExecutor(script: GoalScript, call: LlmCall): EffectOutcome {
  const { name } = z.object({ name: z.string() }).parse(call.variables["task"]);
  const missing = call.inputs.filter((input) => input.result === null && !script.skippable.has(input.name));
  // An agent that is not given what it waited for says so, and the check of the log finds it.
  if (missing.length > 0) return failWith(`missing-input: ${missing.map((input) => input.name).join(", ")}`);
  const proposal = propose(script.divisions.byName.get(name), call);
  if (proposal !== undefined) return proposal;
  const calls = callsOf(
    script.shapes.get(name),
    call.turns.filter((turn) => turn.kind === "tool" && turn.name !== PROPOSE_SUBTASKS).length,
  );
  if (calls.length > 0) return callTools(...calls);
  return script.failing.has(name) ? failWith("unsupported_offline: not this one") : succeedWith(`${name} ${ACCEPTED}`);
}

/** Once, and once more when the first proposal was one that had to be refused. Who is refused for another reason does the task itself. */
function propose(division: Division | undefined, { tools, turns }: LlmCall): EffectOutcome | undefined {
  const answers = turns.filter((turn) => turn.kind === "tool" && turn.name === PROPOSE_SUBTASKS);
  if (division === undefined || (turns.length > 0 && answers.length === 0)) return undefined;
  // One lies too deep to be offered it, and asks all the same.
  const isOffered = tools.includes(PROPOSE_SUBTASKS);
  if (answers.length > (isOffered && division.begins !== "well" ? 1 : 0)) return undefined;
  const { proposal, begins } = division;
  if (answers.length > 0 || begins === "well") return callTools([PROPOSE_SUBTASKS, proposal]);
  if (begins === "beside another call") return callTools([PROPOSE_SUBTASKS, proposal], READ);
  const circle = { id: "s1", name: "round", description: "and round", dependencies: ["s1"] };
  return callTools([PROPOSE_SUBTASKS, { subtasks: [circle] }]);
}

type Call = readonly [name: string, values: JsonObject];
const WRITE: Call = ["write_file", { path: "a.txt", content: "a" }];
const READ: Call = ["read_file", { path: "b.txt" }];

/** What is asked for after so many answers of tools. */
function callsOf(shape: Shape | undefined, answered: number): readonly Call[] {
  switch (shape) {
    case "calls one tool":
      return answered === 0 ? [WRITE] : [];
    case "calls two tools at once":
      return answered === 0 ? [WRITE, READ] : [];
    case "calls two tools in turn":
      return [READ, WRITE].slice(answered, answered + 1);
    default:
      return [];
  }
}

function waitForItself({ plan }: GoalScript): GoalScript["plan"] {
  const [first, ...rest] = plan.tasks;
  return first === undefined ? plan : { ...plan, tasks: [{ ...first, dependencies: [rest.at(-1)?.id ?? first.id] }, ...rest] };
}
