import { describe, expect, test } from "vitest";
import { estimatePlan, type Pricer } from "./estimate-plan.ts";
import type { PastTask } from "./estimate-task.ts";

const calls = [{ model: "m", input_tokens: 10, output_tokens: 0, cached_input_tokens: 0 }];
const took = (kind: PastTask["kind"], seconds: number, complexity: PastTask["complexity"] = "low"): PastTask => ({
  kind,
  tools: [],
  complexity,
  seconds,
  calls,
});
const perToken: Pricer = { isFree: false, priceOf: ({ input_tokens }) => BigInt(input_tokens) };
const free: Pricer = { isFree: true, priceOf: () => 0n };
const unpriced: Pricer = { isFree: false, priceOf: () => null };

const planOf = (pricer: Pricer) =>
  Object.entries({ a: [], b: ["a"], c: ["a"] }).map(([id, dependencies]) => ({
    id,
    dependencies,
    task: { kind: "executor" as const, tools: [], complexity: id === "c" ? ("high" as const) : ("low" as const) },
    pricer,
  }));
const around = [{ kind: "critic" as const, pricer: perToken }];
const past = [
  ...[1, 2, 3].map((seconds) => took("executor", seconds)),
  ...[10, 20, 30].map((seconds) => took("executor", seconds, "high")),
  took("critic", 5),
];

describe("the estimate of a plan", () => {
  test("is its longest path with what comes after it, and the price of all its parts", () => {
    const { seconds, cost_nano, tasks } = estimatePlan(past, planOf(perToken), around);

    expect(seconds).toEqual({ median: 2 + 20 + 5, p90: 3 + 30 + 5 });
    expect(cost_nano).toEqual({ median: 40n, p90: 40n });
    expect(tasks.map(({ id, estimate }) => [id, estimate?.samples])).toEqual([
      ["a", 3],
      ["b", 3],
      ["c", 3],
    ]);
  });

  test("is unknown as a whole when one part is: a sum over a gap would be a wrong number", () => {
    const withoutCritic = estimatePlan(past.slice(0, -1), planOf(perToken), around);
    expect(withoutCritic).toMatchObject({ seconds: null, cost_nano: null, around: [{ kind: "critic", seconds: null, estimate: null }] });
    expect(withoutCritic.tasks[0]?.seconds).toEqual({ median: 2, p90: 3 });

    const withoutPrice = estimatePlan(past, planOf(unpriced), around);
    expect([withoutPrice.seconds, withoutPrice.cost_nano]).toEqual([{ median: 27, p90: 38 }, null]);
  });

  test("is unknown in time but known in price where everything is free and nothing has completed", () => {
    expect(estimatePlan([], planOf(free), [])).toMatchObject({ seconds: null, cost_nano: { median: 0n, p90: 0n } });
  });

  test("of nothing left is nothing", () => {
    expect(estimatePlan(past, [], [])).toEqual({
      tasks: [],
      around: [],
      seconds: { median: 0, p90: 0 },
      cost_nano: { median: 0n, p90: 0n },
    });
  });
});
