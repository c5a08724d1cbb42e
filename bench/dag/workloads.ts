import type { Bar } from "../bars.ts";
import type { Floors } from "./floors.ts";
import type { DagRuns } from "./run-dags.ts";
import { AGENT_PLAN, chainOf, fanOf, layersOf, type Shape } from "./shapes.ts";

type Level = { must: number; goal: number };

export type Workload = {
  shape: Shape;
  /** Runs of it at once. */
  count: number;
  /** What its tasks in a second are a ratio of. */
  floor: keyof Floors;
  throughput: Level;
  commits: Level;
};

const WIDE_COMMITS = { must: 0.1, goal: 0.05 };

export const workloads: Readonly<Record<string, Workload>> = {
  chain: {
    shape: chainOf(100),
    count: 1,
    floor: "nodePg",
    throughput: { must: 0.1, goal: 0.2 },
    commits: { must: 1.2, goal: 1.05 },
  },
  agents50x8: {
    shape: AGENT_PLAN,
    count: 50,
    floor: "pgbenchEight",
    throughput: { must: 0.15, goal: 0.4 },
    commits: { must: 0.3, goal: 0.2 },
  },
  layered20x50: {
    shape: layersOf(20, 50, 3),
    count: 1,
    floor: "pgbenchEight",
    throughput: { must: 0.15, goal: 0.5 },
    commits: WIDE_COMMITS,
  },
  fan1000: {
    shape: fanOf(1_000),
    count: 1,
    floor: "pgbenchEight",
    throughput: { must: 0.2, goal: 0.6 },
    commits: WIDE_COMMITS,
  },
};

/** One workload, once, with the floors that were measured right before it. */
export type Sample = { runs: DagRuns; floors: Floors };

const NAMES: Readonly<Record<keyof Floors, string>> = {
  pgbenchOne: "pgbench's commits/s with 1 client",
  pgbenchEight: "pgbench's commits/s with 8 clients",
  nodePg: "commits/s of one connection of node-pg",
};

/** The bars of one workload: medians of what was sampled, ratios taken before the median. */
export function barsOf(name: string, workload: Workload, samples: readonly Sample[]): Bar[] {
  const middle = (value: (sample: Sample) => number) => median(samples.map(value));
  const ratio = middle(({ runs, floors }) => runs.tasksPerSecond / floors[workload.floor]);
  return [
    { name: `${name}: tasks carried out`, unit: "/s", measured: middle(({ runs }) => runs.tasksPerSecond) },
    { name: `${name}: that ÷ ${NAMES[workload.floor]}`, unit: "×", measured: ratio, ...workload.throughput, better: "more" },
    {
      name: `${name}: commits that write, for each task`,
      unit: "",
      measured: middle(({ runs }) => runs.commitsPerTask),
      ...workload.commits,
    },
    { name: `${name}: tasks laid out before`, unit: "/s", measured: middle(({ runs }) => runs.tasks / runs.layOutSeconds) },
  ];
}

export function floorBars(floors: readonly Floors[]): Bar[] {
  const keys = ["pgbenchOne", "pgbenchEight", "nodePg"] as const;
  return keys.map((key) => ({ name: NAMES[key], unit: "/s", measured: median(floors.map((one) => one[key])) }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
