import { expect, test } from "vitest";
import { AGENT_PLAN, chainOf, criticalPath, fanOf, joinOf, layersOf, type Shape, skewedTimes } from "./shapes.ts";

const shapes: Record<string, [Shape, size: number, widest: number]> = {
  "a chain": [chainOf(100), 100, 1],
  "a fan": [fanOf(1_000), 1_000, 998],
  layers: [layersOf(20, 50, 3), 1_000, 3],
  "an agent's plan": [AGENT_PLAN, 8, 2],
  "a join": [joinOf(10_000, 5_000), 10_000, 5_000],
};

test.each(Object.entries(shapes))(
  "%s has its size, and tasks that depend on tasks before them only, each once",
  (_name, [shape, size, widest]) => {
    expect(shape).toHaveLength(size);
    expect(Math.max(...shape.map((parents) => parents.length))).toBe(widest);
    expect(shape.every((parents, index) => parents.every((parent) => parent < index) && new Set(parents).size === parents.length)).toBe(
      true,
    );
  },
);

test("the critical path is the longest way, not the deepest", () => {
  expect(criticalPath([[], [0], [0], [1, 2]], [1, 10, 2, 1])).toBe(12);
});

test("skewed times keep their mean, and one in twelve is six times as long", () => {
  const times = skewedTimes(1_200, 100, 12, 6);
  expect(times.reduce((sum, time) => sum + time, 0) / times.length).toBeCloseTo(100, 6);
  expect(times.filter((time) => time > 100)).toHaveLength(100);
  expect(Math.max(...times) / Math.min(...times)).toBeCloseTo(6, 6);
});
