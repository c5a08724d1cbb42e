import { loadChecks } from "../agents/load-checks.ts";
import type { Queryable } from "../platform/db/database.ts";
import type { DecisionContext } from "./decide-step.ts";
import type { ConductorDeps } from "./deps.ts";
import { learnPricesOfJournals } from "./learn-prices.ts";
import type { AttemptJournal } from "./sql/read-journals.ts";

/**
 * What decisions may depend on besides their journals. Few need to know the pool: a planner's, whose plan says which agent does what, and
 * one after which another agent may have to try.
 */
export async function readContext(deps: ConductorDeps, db: Queryable, journals: readonly AttemptJournal[]): Promise<DecisionContext> {
  const planners = journals.filter((journal) => journal.task_kind === "planner");
  const replaceable = journals.filter((journal) => journal.policy.fallback?.kind === "agent");
  const layOut = planners.length === 0 ? undefined : await (await import("./pool/load-planning.ts")).loadPlanning(deps, db, planners);
  const findOther =
    replaceable.length === 0 ? undefined : await (await import("./pool/load-others.ts")).loadOthers(db, replaceable, deps.now());
  await learnPricesOfJournals(deps, journals);
  return { layOut, findOther, checks: await loadChecks(journals.map((journal) => journal.briefing)) };
}
