import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tryStep } from "../../../../../tests/offline/try-step.ts";
import { planGoal } from "../planner/plan-goal.ts";

const document = readFileSync(new URL("../../../../../docs/offline-rules.md", import.meta.url), "utf8");

function boxes(name: string): readonly string[] {
  const found = [...document.matchAll(/^```(\w+)\n([\s\S]*?)^```/gmu)].filter(([, kind]) => kind === name);
  return found.flatMap(([, , text = ""]) => text.trim().split("\n"));
}

const files = { "penguins.csv": `${boxes("csv").join("\n")}\n` };

describe("docs/offline-rules.md", () => {
  it.each(boxes("steps"))("promises what is done: %s", (step) => {
    expect(tryStep(step, { files }).error).toBe("");
  });

  it.each(boxes("refused"))("names what is refused: %s", (step) => {
    expect(tryStep(step, { files }).error).toMatch(/^unsupported_offline: step 1: /u);
  });

  it("means every word: one more, anywhere, and a step is refused", () => {
    const unquoted = boxes("steps").filter((step) => !/['"]/u.test(step));
    const words = fc.constantFrom(
      "except",
      "without",
      "double",
      "roughly",
      "rounded",
      "weighted",
      "never",
      "excluding",
      "twice",
      "squared",
      "almost",
    );
    const places = fc.constantFrom(...unquoted).chain((step) => fc.tuple(fc.constant(step.split(" ")), fc.nat(step.split(" ").length)));
    fc.assert(
      fc.property(places, words, ([parts, at], word) => {
        const step = [...parts.slice(0, at), word, ...parts.slice(at)].join(" ");
        expect(`${step} => ${tryStep(step, { files }).error}`).toMatch(/ => (?:unsupported_offline|tool-failed): /u);
      }),
      { numRuns: 200 },
    );
  });

  it.each(boxes("goals").map((line) => line.split(" => ")))("orders the steps as it says: %s", (goal = "", order = "") => {
    const planned = planGoal(goal, ["penguins.csv"]).tasks.map((task) => task.dependencies.map((id) => id.replace("step-", "")).join(" "));
    expect(planned).toEqual(order.split(" | ").map((list) => list.replace("-", "")));
  });
});
