import type { Plan } from "../../agents/contract.ts";
import { findPolicyFaults } from "../../agents/domain/find-policy-faults.ts";
import { findPlanFaults, type PlanFault } from "../../agents/domain/validate-plan.ts";
import { joinPointer } from "../../platform/api/pointer.ts";
import { AppError, invalidRequest } from "../../platform/errors.ts";
import { workingToolNames } from "../../tools/safety.ts";
import { GIVEN_PLAN_LIMITS, type GivenTask, MAX_PLAN_BYTES } from "../contracts/plans.ts";
import { GUESSED_SECONDS } from "../domain/guess-duration.ts";

/** Faults that an answer names; a plan of 10,000 tasks may have more than anybody reads. */
const MAX_FAULTS = 100;

/** How long a task will take by what completed in its workspace; undefined where nothing like it has. */
export type LearnedSeconds = (task: Pick<GivenTask, "required_capabilities" | "complexity">) => number | undefined;

/**
 * A plan that a caller gave, judged as a planner's would be: at most a hundred of its faults, as pointers into a body whose field `tasks`
 * it is, and how many there are.
 */
export function judgePlan(given: readonly GivenTask[], learned: LearnedSeconds): { plan: Plan; faults: PlanFault[]; count: number } {
  const plan: Plan = {
    tasks: given.map((task) => ({
      ...task,
      estimated_duration_seconds: task.estimated_duration_seconds ?? learned(task) ?? GUESSED_SECONDS[task.complexity],
    })),
    risks: [],
  };
  const faults = [...findPlanFaults(plan, workingToolNames, GIVEN_PLAN_LIMITS), ...findPolicyFaultsOf(plan)];
  return { plan, faults: faults.slice(0, MAX_FAULTS), count: faults.length };
}

function findPolicyFaultsOf({ tasks }: Plan): PlanFault[] {
  return tasks.flatMap(({ policy }, index) =>
    policy === undefined
      ? []
      : findPolicyFaults(policy).map(({ path, message }) => ({
          pointer: joinPointer(["tasks", index, "policy", ...path]),
          detail: message,
        })),
  );
}

/** @throws AppError `too-large`; `invalid-request` with the place of each fault */
export function acceptPlan(given: readonly GivenTask[], learned: LearnedSeconds): Plan {
  const bytes = Buffer.byteLength(JSON.stringify(given));
  if (bytes > MAX_PLAN_BYTES)
    throw new AppError("too-large", `The tasks have ${bytes} bytes together; at most ${MAX_PLAN_BYTES} are accepted`);
  const { plan, faults, count } = judgePlan(given, learned);
  if (count === 0) return plan;
  const more = count > MAX_FAULTS ? `; the first ${MAX_FAULTS} are named` : "";
  throw invalidRequest(count === 1 ? "The plan cannot be carried out" : `The plan has ${count} faults${more}`, faults);
}
