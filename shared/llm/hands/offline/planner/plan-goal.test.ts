import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../../platform/errors.ts";
import type { Plan } from "../calls.ts";
import { planGoal } from "./plan-goal.ts";
import { readTaskNote } from "./task-note.ts";

const FILES = ["penguins.csv"];
const edges = (goal: string, files = FILES): readonly (readonly number[])[] =>
  planGoal(goal, files).tasks.map((task) => task.dependencies.map((id) => Number(id.replace("step-", ""))));

/** Anything else that is thrown fails the test. */
function planOrRefusal(goal: string, files: readonly string[]): Plan | AppError {
  try {
    return planGoal(goal, files);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

describe("the order of steps", () => {
  it("follows explicit references: the goal of the first page", () => {
    const goal =
      "1. Read penguins.csv. 2. Using step 1, compute the mean body_mass_g per species. 3. In parallel with step 2, count the rows per island. " +
      "4. Using steps 2 and 3, write a report with both tables to report.md";
    expect(edges(goal)).toEqual([[], [1], [1], [2, 3]]);
    expect(planGoal(goal, FILES).tasks.map((task) => task.name)).toEqual([
      "Read penguins.csv",
      "Compute the mean body_mass_g per species",
      "Count the rows per island",
      "Write a report with both tables to report.md",
    ]);
  });

  it.each([
    ["words of order", "First read penguins.csv. Then count the rows. Finally, write it to n.txt.", [[], [1], [2]]],
    [
      "parallel steps and their end",
      "Read penguins.csv. Then count the rows. In parallel, sum a. Finally, write both results to x.md.",
      [[], [1], [1], [2, 3]],
    ],
    ["references forward", "1. Using step 2, write it to x.md 2. Count the rows in penguins.csv", [[2], []]],
    [
      "after and before",
      "1. Before step 2, count the rows in penguins.csv 2. Compute 1 + 2 3. After step 2, compute 3 + 4",
      [[], [1], [2]],
    ],
    ["a file read by an earlier step", "1. Read penguins.csv 2. Count the rows 3. Count the rows per island", [[], [1], [1]]],
    ["a file named in each step", "1. Count the rows in penguins.csv 2. Count the rows per island in penguins.csv", [[], []]],
    ["a file that an earlier step writes", "1. Write 'a,b' to x.csv 2. Compute 1 + 2 3. Count the rows in x.csv", [[], [], [1]]],
    ["one file written twice", "1. Write 'a' to x.txt 2. Write 'b' to x.txt", [[], [1]]],
    ["results spoken of", "1. Compute 1 + 2 2. Compute 3 + 4 3. Write both results to x.txt 4. Write it to y.txt", [[], [], [1, 2], [3]]],
    ["a report of everything", "1. Compute 1 + 2 2. Compute 3 + 4 3. Write a report to r.md", [[], [], [1, 2]]],
    [
      "names",
      "1. Count the rows in penguins.csv and call it total 2. Compute 1 + 2 3. Using total, write the result to x.txt",
      [[], [], [1]],
    ],
    ["independent steps", "1. Compute 1 + 2 2. Compute 3 + 4", [[], []]],
    ["rows that an earlier step kept", "1. Read penguins.csv 2. Keep the rows where a > 1 3. Count the rows per island", [[], [1], [2]]],
  ])("follows %s", (_, goal, expected) => {
    expect(edges(goal)).toEqual(expected);
  });

  it.each([
    ["1. Using step 9, count the rows 2. Stop", /step 1 refers to step 9/u],
    ["1. Using step 1, count the rows", /refers to itself/u],
    ["1. Using step 2, write it to a.md 2. Using step 1, write it to b.md", /wait for each other/u],
    ["1. Compute 1 + 2 2. In parallel with step 1, using step 1, write it to x.md", /in parallel.*and also wait/u],
    ["   ", /nothing to do/u],
    ["- a\n".repeat(201), /201 steps/u],
  ])("refuses %s", (goal, reason) => {
    expect(() => planGoal(goal, FILES)).toThrow(reason);
  });
});

describe("a plan", () => {
  it("keeps each step word for word, with what the executor must know", () => {
    const [, second] = planGoal("1. Read penguins.csv 2. Using the previous step, count the rows", FILES).tasks;
    expect(second?.description.startsWith("Using the previous step, count the rows")).toBe(true);
    expect(readTaskNote(second?.description ?? "")).toEqual({
      step: 2,
      inputs: [1],
      tables: ["penguins.csv"],
      narrowedBy: null,
      text: "Using step 1, count the rows",
    });
  });

  it("plans what no rule can do, and says so as a risk", () => {
    const plan = planGoal("1. Compute 1 + 2. 2. Paint a picture.", []);
    expect(plan.tasks).toHaveLength(2);
    expect(plan.risks).toEqual([expect.stringMatching(/^step 2 is outside the offline rules/u)]);
  });

  it("asks for the tools of each step", () => {
    const tools = planGoal("1. Read a.csv 2. Compute 1 + 2 3. Write 'x' to x.txt 4. Save the mean b per c of a.csv to m.csv", []).tasks;
    expect(tools.map((task) => task.required_capabilities)).toEqual([
      ["read_file", "execute_javascript"],
      ["execute_javascript"],
      ["write_file"],
      ["execute_javascript", "write_file"],
    ]);
  });

  it("is made of any text, or refused; twice the same", () => {
    const parts = fc.constantFrom(
      "1.",
      "2.",
      "step 1",
      "step 3",
      "using",
      "after",
      "in parallel with",
      "read a.csv",
      "count the rows",
      "write it to x.md",
      ",",
      "\n",
      "then",
      "'",
      '"',
      "- ",
      "all results",
      "(",
    );
    const goals = fc.oneof(
      fc.array(parts, { maxLength: 25 }).map((words) => words.join(" ")),
      fc.string({ maxLength: 200 }),
    );
    fc.assert(
      fc.property(goals, (goal) => {
        const plan = (): string => JSON.stringify(planOrRefusal(goal, ["a.csv"]));
        expect(plan()).toBe(plan());
      }),
    );
  });

  it("has no cycle and no unknown dependency, whatever the steps refer to", () => {
    const links = fc.array(fc.tuple(fc.constantFrom("using", "after", "in parallel with", "before"), fc.integer({ min: 1, max: 6 })), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(links, (list) => {
        const goal = list
          .map(([word, step], index) => `${index + 1}. ${word[0]?.toUpperCase()}${word.slice(1)} step ${step}, compute 1 + 2`)
          .join("\n");
        const plan = planOrRefusal(goal, []);
        if (plan instanceof AppError) return;
        const planned = plan.tasks.map((task) => task.dependencies.map((id) => Number(id.replace("step-", ""))));
        const done = new Set<number>();
        for (let round = 0; round < 6; round++) {
          for (const [index, needed] of planned.entries()) if (needed.every((step) => done.has(step))) done.add(index + 1);
        }
        expect(done.size).toBe(6);
      }),
    );
  });
});
