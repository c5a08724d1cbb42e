import { expect, test } from "vitest";
import { barsOf, median, workloads } from "./workloads.ts";

test("a median is the middle one, or between the two in the middle", () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

test("a ratio is taken in each block before the median, because the machine changes from block to block", () => {
  const { chain } = workloads;
  if (chain === undefined) throw new Error("there is a chain");
  const sample = (tasksPerSecond: number, nodePg: number) => ({
    runs: { tasks: 100, seconds: 100 / tasksPerSecond, layOutSeconds: 1, tasksPerSecond, commitsPerTask: 1.02 },
    floors: { pgbenchOne: 1, pgbenchEight: 1, nodePg },
  });
  const bars = barsOf("chain", chain, [sample(100, 1_000), sample(300, 1_000), sample(40, 100)]);
  expect(bars.map((bar) => bar.measured)).toEqual([100, 0.3, 1.02, 100]);
  expect(bars[1]).toMatchObject({ must: 0.1, goal: 0.2, better: "more" });
});
