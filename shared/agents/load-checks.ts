import type { findPolicyFaults } from "./contracts/checked-task-policy.ts";
import type { checkResult } from "./domain/check-result.ts";
import type { Briefing, CallBriefing } from "./domain/journal.ts";
import type { validatePlan } from "./domain/validate-plan.ts";

export type Checks = { findPolicyFaults: typeof findPolicyFaults; checkResult: typeof checkResult; validatePlan: typeof validatePlan };

/** What `decide` checks plans and results by. Few decisions need it, so it is loaded by the first that does. */
export async function loadChecks(briefings: readonly (Briefing | CallBriefing)[]): Promise<Checks | undefined> {
  if (!briefings.some(needsChecks)) return undefined;
  const [policies, results, plans] = await Promise.all([
    import("./contracts/checked-task-policy.ts"),
    import("./domain/check-result.ts"),
    import("./domain/validate-plan.ts"),
  ]);
  return { findPolicyFaults: policies.findPolicyFaults, checkResult: results.checkResult, validatePlan: plans.validatePlan };
}

function needsChecks(briefing: Briefing | CallBriefing): boolean {
  return briefing.role === "planner" || (briefing.role === "executor" && (briefing.acceptance ?? []).length > 0);
}
