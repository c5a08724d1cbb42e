import type { TokenUsage } from "../../effects/contract.ts";
import type { NewTask } from "./batch.ts";
import { estimateTask, keyOf, type PastTask, type Range, type TaskEstimate, type TaskToCome } from "./estimate-task.ts";
import { orderPlan } from "./order-plan.ts";

/** What the model of a task would bill. `isFree`: nothing, however much it is asked. */
export type Pricer = { isFree: boolean; priceOf: (usage: TokenUsage) => bigint | null };

export type PlannedWork = { id: string; dependencies: readonly string[]; task: TaskToCome; pricer: Pricer };
/** Around the plan: review and summary, one after the other when all of it has ended. */
export type WorkAround = { kind: NewTask["kind"]; pricer: Pricer };

export type WorkEstimate = {
  /** Null: nothing like it has completed here, so nobody knows. */
  seconds: Range<number> | null;
  /** Null: nobody knows. What is free is known without any past. */
  cost_nano: Range<bigint> | null;
  estimate: TaskEstimate | null;
};

export type PlanEstimates = {
  tasks: ({ id: string } & WorkEstimate)[];
  around: ({ kind: NewTask["kind"] } & WorkEstimate)[];
  /** From the beginning of the plan to the end of its run, with room for every task: null as soon as one of them is unknown. */
  seconds: Range<number> | null;
  cost_nano: Range<bigint> | null;
};

/** What a plan will take and cost, by the past of its workspace. The 90th percentiles are added up, so their sum is on the safe side. */
export function estimatePlan(past: readonly PastTask[], plan: readonly PlannedWork[], around: readonly WorkAround[]): PlanEstimates {
  const estimate = rememberWork(past);
  const tasks = plan.map(({ id, task, pricer }) => ({ id, ...estimate(task, pricer) }));
  const rest = around.map(({ kind, pricer }) => ({ kind, ...estimate({ kind, tools: [], complexity: "low" }, pricer) }));
  return {
    tasks,
    around: rest,
    seconds: sumSeconds(plan, tasks, rest),
    cost_nano: sumCosts([...tasks, ...rest].map((work) => work.cost_nano)),
  };
}

/** A plan of 10,000 has few sorts of tasks. */
function rememberWork(past: readonly PastTask[]): (task: TaskToCome, pricer: Pricer) => WorkEstimate {
  const known = new Map<Pricer, Map<string, WorkEstimate>>();
  return (task, pricer) => {
    const ofPricer = known.get(pricer) ?? new Map<string, WorkEstimate>();
    known.set(pricer, ofPricer);
    const key = keyOf(task);
    const work = ofPricer.get(key) ?? estimateWork(past, task, pricer);
    ofPricer.set(key, work);
    return work;
  };
}

function estimateWork(past: readonly PastTask[], task: TaskToCome, { isFree, priceOf }: Pricer): WorkEstimate {
  const estimate = estimateTask(past, task, priceOf) ?? null;
  return {
    seconds: estimate?.seconds ?? null,
    cost_nano: isFree ? { median: 0n, p90: 0n } : (estimate?.cost_nano ?? null),
    estimate,
  };
}

function sumSeconds(plan: readonly PlannedWork[], tasks: readonly WorkEstimate[], around: readonly WorkEstimate[]): Range<number> | null {
  const work = tasks.flatMap(({ seconds }) => seconds ?? []);
  const rest = around.flatMap(({ seconds }) => seconds ?? []);
  if (work.length < tasks.length || rest.length < around.length) return null;
  const total = (which: keyof Range<number>) =>
    orderPlan(plan.map(({ id, dependencies }, index) => ({ id, dependencies, estimated_duration_seconds: work[index]?.[which] ?? 0 })))
      .critical_path_seconds + rest.reduce((sum, seconds) => sum + seconds[which], 0);
  return { median: total("median"), p90: total("p90") };
}

function sumCosts(costs: readonly (Range<bigint> | null)[]): Range<bigint> | null {
  return costs.reduce<Range<bigint> | null>(
    (sum, cost) => (sum === null || cost === null ? null : { median: sum.median + cost.median, p90: sum.p90 + cost.p90 }),
    { median: 0n, p90: 0n },
  );
}
