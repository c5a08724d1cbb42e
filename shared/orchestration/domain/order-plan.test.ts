import fc from "fast-check";
import { expect, test } from "vitest";
import { orderPlan } from "./order-plan.ts";

const task = (id: string, estimated_duration_seconds: number, dependencies: string[] = []) => ({
  id,
  estimated_duration_seconds,
  dependencies,
});

test("a plan is carried out level by level, and takes as long as its longest chain", () => {
  expect(orderPlan([task("d", 1, ["b", "c"]), task("a", 1), task("b", 5, ["a"]), task("c", 2, ["a"]), task("e", 3)])).toEqual({
    levels: [["a", "e"], ["b", "c"], ["d"]],
    critical_path: ["a", "b", "d"],
    critical_path_seconds: 7,
    total_estimated_seconds: 12,
  });
});

test("what has completed in an earlier plan is waited for by nobody", () => {
  expect(orderPlan([task("a", 2, ["gone"])])).toMatchObject({ levels: [["a"]], critical_path: ["a"], critical_path_seconds: 2 });
});

test("a plan without tasks takes no time", () => {
  expect(orderPlan([])).toEqual({ levels: [], critical_path: [], critical_path_seconds: 0, total_estimated_seconds: 0 });
});

test("the longest chain is a chain, and no chain is longer", () => {
  const plans = fc.array(fc.tuple(fc.nat({ max: 100 }), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(plans, (rows) => {
      const tasks = rows.map(([seconds, picks], index) =>
        task(`t${index}`, seconds, index === 0 ? [] : [...new Set(picks.map((pick) => `t${pick % index}`))]),
      );
      const byId = new Map(tasks.map((one) => [one.id, one]));
      const longest = (id: string): number =>
        (byId.get(id)?.estimated_duration_seconds ?? 0) + Math.max(0, ...(byId.get(id)?.dependencies ?? []).map(longest));
      const order = orderPlan(tasks);

      expect(order.critical_path_seconds).toBe(Math.max(...tasks.map(({ id }) => longest(id))));
      const broken = order.critical_path
        .slice(1)
        .filter((id, index) => byId.get(id)?.dependencies.includes(order.critical_path[index] ?? "") !== true);
      expect(broken).toEqual([]);
    }),
  );
});
