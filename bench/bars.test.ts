import { expect, test } from "vitest";
import { formatBars, missesMust } from "./bars.ts";

test("a bar is missed by what is above it and by what could not be measured", () => {
  const bar = { name: "start", unit: "s", must: 2, goal: 1 };
  expect([0.5, 2, 2.01, Number.NaN].map((measured) => missesMust({ ...bar, measured }))).toEqual([false, false, true, true]);
  expect(missesMust({ name: "goals", unit: "goals/s", measured: 7 })).toBe(false);
});

test("where more is better a bar is missed by what is below it", () => {
  const bar = { name: "throughput", unit: "×", must: 0.15, goal: 0.5, better: "more" } as const;
  expect([0.5, 0.15, 0.149, Number.NaN].map((measured) => missesMust({ ...bar, measured }))).toEqual([false, false, true, true]);
  const lines = formatBars([0.6, 0.2, 0.04].map((measured) => ({ ...bar, measured }))).split("\n");
  expect(lines.slice(1).map((line) => line.split(/\s{2,}/).slice(1))).toEqual([
    ["0.60 ×", "≥ 0.15", "≥ 0.5", "✓"],
    ["0.20 ×", "≥ 0.15", "≥ 0.5", "below goal"],
    ["0.040 ×", "≥ 0.15", "≥ 0.5", "✗ below must"],
  ]);
});

test("each bar has its line with the verdict", () => {
  const lines = formatBars([
    { name: "start", unit: "s", measured: 0.75, must: 2, goal: 1 },
    { name: "goal", unit: "s", measured: 1.5, must: 2, goal: 1 },
    { name: "memory", unit: "MB", measured: 412.4, must: 400 },
    { name: "load", unit: "goals/s", measured: 10.2 },
  ]).split("\n");
  expect(lines.map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ["measured", "must", "goal"],
    ["start", "0.75 s", "≤ 2", "≤ 1", "✓"],
    ["goal", "1.50 s", "≤ 2", "≤ 1", "above goal"],
    ["memory", "412 MB", "≤ 400", "✗ above must"],
    ["load", "10 goals/s"],
  ]);
});
