import type { Queryable } from "../../platform/db/database.ts";
import { formatUsd } from "../../platform/money.ts";
import { findFreeStatus } from "../../usage/domain/pricing.ts";
import type { PlanEstimates } from "../contracts/plan-estimates.ts";
import type { Prices } from "../deps.ts";
import { chooseAgent, type PoolAgent } from "../domain/choose-agent.ts";
import { estimatePlan, type Pricer, type WorkEstimate } from "../domain/estimate-plan.ts";
import { type PastTask, type Range, rememberSeconds } from "../domain/estimate-task.ts";
import { expectCost } from "../prices/expect-cost.ts";
import { openPrices } from "../prices/open-prices.ts";
import { readPool } from "../sql/read-pool.ts";
import { readPastTasks } from "./sql.ts";

/** A task of a plan that is to come, with who will do it where somebody was chosen already. */
export type Planned = {
  id: string;
  dependencies: readonly string[];
  required_capabilities: readonly string[];
  complexity: PastTask["complexity"];
  agent_id?: string | null;
};

export type Estimates = {
  /** Seconds that a task will take by the past; undefined where nothing like it has completed. */
  secondsOf: ReturnType<typeof rememberSeconds>;
  estimate: (tasks: readonly Planned[]) => PlanEstimates;
};

/** What is known of the past of a workspace, of its agents and of their prices: enough to estimate any plan of it. */
export async function loadEstimates(
  db: Queryable,
  workspaceId: string,
  { defaultModel, now }: { defaultModel: string; now: Date },
): Promise<Estimates> {
  const past = await readPastTasks(db, workspaceId);
  const pool = (await readPool(db, [workspaceId])).get(workspaceId) ?? [];
  const prices = await openPrices(defaultModel, now);
  await prices.learn?.(pool.flatMap(({ model }) => (model === "default" ? [] : [model])));
  const pricers = rememberPricers(prices, defaultModel);
  return {
    secondsOf: rememberSeconds(past),
    estimate(tasks) {
      const choose = chooseAsPlanner(pool, prices, defaultModel, now.toISOString());
      const estimated = estimatePlan(
        past,
        tasks.map((task) => ({
          id: task.id,
          dependencies: task.dependencies,
          task: { kind: "executor", tools: task.required_capabilities, complexity: task.complexity },
          pricer: pricers(choose(task)?.model),
        })),
        (["critic", "summarizer"] as const).map((kind) => ({
          kind,
          pricer: pricers(chooseAgent(pool, kind, [], { now: now.toISOString(), complexity: "low" })?.model),
        })),
      );
      return { past_tasks: past.length, ...describe(estimated) };
    },
  };
}

/** The agent that a task has, or the one that it would be given if the plan were laid out now. */
function chooseAsPlanner(pool: readonly PoolAgent[], prices: Prices, defaultModel: string, now: string) {
  const assigned = new Map<string, number>();
  const circumstances = { now, assigned, expectCost: expectCost(prices, defaultModel) };
  return ({ agent_id, required_capabilities, complexity }: Planned): PoolAgent | undefined => {
    const own = pool.find(({ id }) => id === agent_id);
    const agent = own ?? chooseAgent(pool, "executor", required_capabilities, { ...circumstances, complexity });
    if (agent !== undefined) assigned.set(agent.id, (assigned.get(agent.id) ?? 0) + 1);
    return agent;
  };
}

const NOBODY: Pricer = { isFree: false, priceOf: () => null };

/** One for each model, so that tasks which are alike are estimated once. */
function rememberPricers(prices: Prices, defaultModel: string): (model: string | undefined) => Pricer {
  const known = new Map<string, Pricer>();
  return (named) => {
    if (named === undefined) return NOBODY;
    const model = named === "default" ? defaultModel : named;
    const pricer = known.get(model) ?? {
      isFree: findFreeStatus(model) !== undefined,
      priceOf: (usage) => prices.charge(model, usage).cost_nano,
    };
    known.set(model, pricer);
    return pricer;
  };
}

function describe({ tasks, around, seconds, cost_nano }: ReturnType<typeof estimatePlan>): Omit<PlanEstimates, "past_tasks"> {
  const isUnknown = (work: WorkEstimate) => work.seconds === null || work.cost_nano === null;
  return {
    seconds,
    cost_usd: toUsd(cost_nano),
    unknown: [...tasks.filter(isUnknown).map(({ id }) => id), ...around.filter(isUnknown).map(({ kind }) => kind)],
    tasks: tasks.map(({ id, ...work }) => ({ id, ...describeWork(work), learned_complexity: work.estimate?.complexity ?? null })),
    around: around.map(({ kind: role, ...work }) => ({ role, ...describeWork(work) })),
  };
}

function describeWork({ seconds, cost_nano, estimate }: WorkEstimate) {
  return { seconds, cost_usd: toUsd(cost_nano), samples: estimate?.samples ?? 0, likeness: estimate?.likeness ?? null };
}

function toUsd(range: Range<bigint> | null): { median: string; p90: string } | null {
  return range === null ? null : { median: formatUsd(range.median), p90: formatUsd(range.p90) };
}
