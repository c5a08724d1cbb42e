import { loadChecks } from "../../agents/load-checks.ts";
import type { EffectReport } from "../../effects/contract.ts";
import { LlmAnswer } from "../../llm/contract.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { PROPOSE_SUBTASKS } from "../../tools/safety.ts";
import type { ConductorDeps } from "../deps.ts";
import { learnPricesOfJournals } from "../prices/learn-prices.ts";
import type { AttemptJournal } from "../sql/read-journals.ts";
import type { DecisionContext } from "./decide-step.ts";

/**
 * What decisions may depend on besides their journals. Few need to know the pool: a planner's, whose plan says which agent does what, and
 * one after which another agent may have to try.
 */
export async function readContext(
  deps: ConductorDeps,
  db: Queryable,
  journals: readonly AttemptJournal[],
  reports: readonly EffectReport[] = [],
): Promise<DecisionContext> {
  const planners = journals.filter((journal) => journal.task_kind === "planner");
  const replaceable = journals.filter((journal) => journal.policy.fallback?.kind === "agent");
  const layOut = planners.length === 0 ? undefined : await (await import("../pool/load-planning.ts")).loadPlanning(deps, db, planners);
  const findOther =
    replaceable.length === 0 ? undefined : await (await import("../pool/load-others.ts")).loadOthers(db, replaceable, deps.now());
  await learnPricesOfJournals(deps, journals);
  const isProposed =
    reports.some(({ outcome }) => outcome.status === "done" && asksToDivide(outcome.result)) ||
    journals.some(({ effects }) => asksToDivide(effects.at(-1)?.result));
  const divide = isProposed ? await (await import("../subtasks/load-division.ts")).loadDivision(deps, db, journals) : undefined;
  return { layOut, findOther, divide, checks: await loadChecks(journals.map((journal) => journal.briefing)) };
}

/** Whether what a model said last, or says now, proposes subtasks. */
function asksToDivide(answer: unknown): boolean {
  return LlmAnswer.safeParse(answer).data?.tool_calls.some(({ name }) => name === PROPOSE_SUBTASKS) === true;
}
