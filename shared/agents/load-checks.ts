import type { acceptResult } from "./domain/accept-result.ts";
import type { Briefing, CallBriefing } from "./domain/journal.ts";
import type { readPlan } from "./domain/read-plan.ts";

export type Checks = { readPlan: typeof readPlan; acceptResult: typeof acceptResult };

/** What `decide` checks plans and results by. Few decisions need it, so it is loaded by the first that does. */
export async function loadChecks(briefings: readonly (Briefing | CallBriefing)[]): Promise<Checks | undefined> {
  if (!briefings.some(needsChecks)) return undefined;
  const [plans, results] = await Promise.all([import("./domain/read-plan.ts"), import("./domain/accept-result.ts")]);
  return { readPlan: plans.readPlan, acceptResult: results.acceptResult };
}

function needsChecks(briefing: Briefing | CallBriefing): boolean {
  return briefing.role === "planner" || (briefing.role === "executor" && (briefing.acceptance ?? []).length > 0);
}
