import { Plan } from "../../agents/contract.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { type LaidOutPlan, layOutPlan, type PoolAgent } from "../domain/lay-out-plan.ts";
import { findGivenPlan } from "./sql.ts";

/**
 * The plan that came with a goal, ready to be laid out for the agents of its workspace; undefined where a planner is asked. It was judged
 * before it was stored.
 */
export async function readGivenPlan(
  db: Queryable,
  runId: string,
  pool: readonly PoolAgent[],
  newId: () => string,
): Promise<(() => LaidOutPlan) | undefined> {
  const body = await findGivenPlan(db, runId);
  if (body === undefined) return undefined;
  const plan = Plan.parse(body);
  return () => layOutPlan(plan, pool, newId);
}
