import type { Plan } from "../../agents/contract.ts";
import type { Queryable } from "../../platform/db/database.ts";
import type { ConductorDeps } from "../deps.ts";
import { type EarlierPlan, type LaidOutPlan, layOutPlan } from "../domain/lay-out-plan.ts";
import { expectCost } from "../prices/expect-cost.ts";
import { learnPricesOfPools } from "../prices/learn-prices.ts";
import type { AttemptJournal } from "../sql/read-journals.ts";
import { readPool } from "../sql/read-pool.ts";

/** Lays a planner's plan out for the agents of its workspace. */
export type LayOut = (plan: Plan, journal: Pick<AttemptJournal, "workspace_id" | "default_model" | "briefing">) => LaidOutPlan;

/** What the steps of these planners need to know beside their journals, with the prices of all whom a plan may be given to. */
export async function loadPlanning(deps: ConductorDeps, db: Queryable, planners: readonly AttemptJournal[]): Promise<LayOut> {
  const pools = await readPool(db, [...new Set(planners.map((journal) => journal.workspace_id))]);
  await learnPricesOfPools(deps, pools);
  return (plan, { workspace_id, default_model, briefing }) => {
    const circumstances = { now: deps.now().toISOString(), expectCost: expectCost(deps.prices, default_model) };
    return layOutPlan(plan, pools.get(workspace_id) ?? [], deps.newId, circumstances, findEarlierPlan(briefing));
  };
}

/** What a planner was told of the plan before its own. */
function findEarlierPlan(briefing: AttemptJournal["briefing"]): EarlierPlan | undefined {
  if (briefing.role !== "planner" || briefing.last_ordinal === undefined) return undefined;
  return {
    last_ordinal: briefing.last_ordinal,
    finished: new Map(briefing.inputs.map(({ ordinal, task_id }) => [ordinal, task_id])),
  };
}
