import { expect, test } from "vitest";
import { formatBars, isAboveMust } from "./bars.ts";

test("a bar is missed by what is above it and by what could not be measured", () => {
  const bar = { name: "start", unit: "s", must: 2, goal: 1 };
  expect([0.5, 2, 2.01, Number.NaN].map((measured) => isAboveMust({ ...bar, measured }))).toEqual([false, false, true, true]);
  expect(isAboveMust({ name: "goals", unit: "goals/s", measured: 7 })).toBe(false);
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
