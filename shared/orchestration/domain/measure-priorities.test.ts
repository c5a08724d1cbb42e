import fc from "fast-check";
import { expect, test } from "vitest";
import { measurePriorities } from "./measure-priorities.ts";

const task = (id: string, depends_on: string[], estimated_duration_seconds = 1) => ({ id, depends_on, estimated_duration_seconds });

test("a task is worth the longest way from it to the end", () => {
  const plan = [task("a", [], 10), task("b", ["a"], 1), task("c", ["a"], 50), task("d", ["b", "c"], 5), task("alone", [], 0)];

  expect(Object.fromEntries(measurePriorities(plan))).toEqual({ a: 65, b: 6, c: 55, d: 5, alone: 1 });
});

test("a chain of ten thousand is measured, whatever order it stands in", () => {
  const plan = Array.from({ length: 10_000 }, (_, index) => task(`${index}`, index === 0 ? [] : [`${index - 1}`]));

  expect(measurePriorities(plan).get("0")).toBe(10_000);
  expect(measurePriorities(plan.toReversed())).toEqual(new Map([...measurePriorities(plan)].toReversed()));
});

test("every task is above all that wait for it, and by no more than its own time above the first of them", () => {
  const plans = fc.array(fc.record({ seconds: fc.nat(100), parents: fc.array(fc.nat(20), { maxLength: 4 }) }), { maxLength: 20 });
  fc.assert(
    fc.property(plans, (drawn) => {
      const plan = drawn.map(({ seconds, parents }, index) =>
        task(
          `${index}`,
          [...new Set(parents.filter((parent) => parent < index))].map((parent) => `${parent}`),
          seconds,
        ),
      );
      const priorities = measurePriorities(plan);

      expect(priorities.size).toBe(plan.length);
      for (const { id, estimated_duration_seconds } of plan) {
        const after = plan.filter((other) => other.depends_on.includes(id)).map((other) => priorities.get(other.id) ?? 0);
        expect(priorities.get(id)).toBe(Math.max(1, estimated_duration_seconds) + Math.max(0, ...after));
      }
    }),
  );
});
