import { Plan } from "../../agents/contract.ts";
import type { Queryable } from "../../platform/db/database.ts";
import type { ConductorDeps } from "../deps.ts";
import type { PoolAgent } from "../domain/choose-agent.ts";
import { type LaidOutPlan, layOutPlan } from "../domain/lay-out-plan.ts";
import { expectCost } from "../prices/expect-cost.ts";
import { findGivenPlan } from "./sql.ts";

/**
 * The plan that came with a goal, ready to be laid out for the agents of its workspace; undefined where a planner is asked. It was judged
 * before it was stored.
 */
export async function readGivenPlan(
  deps: Pick<ConductorDeps, "newId" | "now" | "prices">,
  db: Queryable,
  runId: string,
  pool: readonly PoolAgent[],
): Promise<(() => LaidOutPlan) | undefined> {
  const given = await findGivenPlan(db, runId);
  if (given === undefined) return undefined;
  const plan = Plan.parse(given.body);
  const circumstances = { now: deps.now().toISOString(), expectCost: expectCost(deps.prices, given.default_model) };
  return () => layOutPlan(plan, pool, deps.newId, circumstances);
}
