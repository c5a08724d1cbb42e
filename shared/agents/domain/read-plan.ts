import { Plan } from "../contract.ts";
import type { Reading } from "./converse.ts";
import { findPolicyFaults } from "./find-policy-faults.ts";
import { nameFinishedTask } from "./finished-task.ts";
import type { Briefing } from "./journal.ts";
import { readAnswer } from "./read-answer.ts";
import { validatePlan } from "./validate-plan.ts";

/** A planner's answer: a plan that can be carried out, or everything that is wrong with it. */
export function readPlan(text: string, { tools, inputs }: Pick<Briefing, "tools" | "inputs">): Reading {
  const finished = inputs.map(({ ordinal }) => nameFinishedTask(ordinal));
  return readAnswer(text, Plan, (plan) => {
    const problems = [...validatePlan(plan, tools, finished), ...listPolicyProblems(plan)];
    if (problems.length === 0) return { kind: "done", result: { tasks: plan.tasks.length, risks: plan.risks }, plan };
    return {
      ok: false,
      correction: `The plan cannot be carried out:\n${problems
        .slice(0, 20)
        .map((problem) => `- ${problem}`)
        .join("\n")}`,
    };
  });
}

function listPolicyProblems(plan: Plan): string[] {
  return plan.tasks.flatMap(({ id, policy }) =>
    policy === undefined ? [] : findPolicyFaults(policy).map(({ path, message }) => `Task "${id}": policy.${path.join(".")}: ${message}`),
  );
}
