import { describe, expect, it } from "vitest";
import { type Attempt, tryStep } from "../../../../../tests/offline/try-step.ts";
import type { JsonValue } from "../../../../platform/json.ts";
import type { InputValue } from "../../../contract.ts";

const files = { "t.csv": "team,score,year\nred,1,2007\nred,2,2008\nblue,4,2007\ngreen,,2008\n" };
const input = (ordinal: number, result: JsonValue): InputValue => ({ ordinal, name: `Task ${ordinal}`, result });
const resultOf = (step: string, inputs: readonly InputValue[] = []): JsonValue => {
  const { status, output, error } = tryStep(step, { files, inputs });
  if (status === "failure") throw new Error(error);
  return output.result;
};
const after =
  (inputs: readonly InputValue[]) =>
  (step: string): Attempt =>
    tryStep(step, { files, inputs });
const table = (attempt: Attempt): JsonValue =>
  attempt.status === "failure" ? attempt.error : ((attempt.output.result as { rows: JsonValue }).rows ?? null);

const file = input(1, resultOf("Read t.csv"));
const counts = input(2, resultOf("Using step 1, count the rows per team", [file]));
const means = input(3, resultOf("Using step 1, compute the mean score per team", [file]));
const kept = input(4, resultOf("Using step 1, keep the rows where year = 2007", [file]));
const two = input(5, resultOf("Compute 1 + 1"));
const five = input(6, resultOf("Compute 2 + 3"));

describe("a step that uses results", () => {
  it("reads a file once more than its header only where it must", () => {
    expect(tryStep("Using step 1, count the rows", { files, inputs: [file] }).calls.map((call) => call.name)).toEqual([
      "execute_javascript",
    ]);
    expect(tryStep("Count the rows in t.csv", { files }).calls).toHaveLength(2);
  });

  it.each([
    ["Using step 2, find the team with the highest count", [["red", 2]]],
    ["Using step 2, find the team with the most rows", [["red", 2]]],
    ["Using step 2, keep the rows where the count is above 1", [["red", 2]]],
    [
      "Using step 2, sort the rows by count descending",
      [
        ["red", 2],
        ["blue", 1],
        ["green", 1],
      ],
    ],
    [
      "Sort the table of step 2 by team descending",
      [
        ["red", 2],
        ["green", 1],
        ["blue", 1],
      ],
    ],
  ])("asks the table: %s", (step, rows) => {
    expect(table(after([counts])(step))).toEqual(rows);
  });

  it("asks the kept rows, not the file they come from", () => {
    expect(table(after([kept])("Using step 4, count the rows per team"))).toEqual([
      ["blue", 1],
      ["red", 1],
    ]);
  });

  it.each([
    ["Using step 3, what is the highest mean?", 4],
    ["Using step 3, compute the sum of the means", 5.5],
    ["Using step 3, compute the mean of mean score", 2.75],
  ])("computes over the table: %s", (step, value) => {
    expect(after([means])(step).output.result).toMatchObject({ value });
  });

  it("goes back to the file for figures of the whole file, and only then", () => {
    expect(table(after([means])("Using step 3, count the rows per year"))).toEqual([
      ["2007", 2],
      ["2008", 2],
    ]);
    const filtered = input(7, resultOf("Using step 1, compute the mean score where year = 2007", [file]));
    expect(after([filtered])("Using step 7, count the rows per year").error).toMatch(/^unsupported_offline/u);
    const best = input(8, resultOf("Using step 3, find the team with the highest mean", [means]));
    expect(after([best])("Using step 8, count the rows per year").error).toMatch(/^unsupported_offline/u);
  });

  it("asks all kept rows, also where they are too many to be handed on", () => {
    const lines = Array.from({ length: 9_000 }, (_, index) => `team ${index % 3},${index},2007`);
    const large = { "t.csv": `team,score,year\n${lines.join("\n")}\n` };
    const chosen = tryStep("Keep the rows of t.csv where score >= 1000", { files: large });
    expect(chosen.output.result).toMatchObject({ total_rows: 8_000, columns: ["team", "score", "year"] });
    const rows = input(1, chosen.output.result);
    expect(table(tryStep("Using step 1, count the rows per team", { files: large, inputs: [rows] }))).toEqual([
      ["team 0", 2666],
      ["team 1", 2667],
      ["team 2", 2667],
    ]);
    const again = input(2, tryStep("Using step 1, keep the rows where score < 8000", { files: large, inputs: [rows] }).output.result);
    expect(tryStep("Using step 2, count the rows", { files: large, inputs: [again] }).output.result).toMatchObject({ value: 7_000 });
    expect(tryStep("Using step 1, write it to x.csv", { files: large, inputs: [rows] }).error).toMatch(/more rows than can be handed on/u);
    const other = { "t.csv": `${large["t.csv"]}team 0,1,2007\n` };
    expect(tryStep("Using step 1, count the rows", { files: other, inputs: [rows] }).error).toMatch(/has changed since/u);
  });

  it("refuses what the file and the kept rows both could answer", () => {
    expect(after([file, kept])("Using steps 1 and 4, count the rows").error).toMatch(/several ways/u);
    expect(after([file, kept])("Count the rows").error).toMatch(/several ways/u);
    expect(after([kept])("Using step 4, count the rows in t.csv").error).toMatch(/several ways/u);
  });

  it.each([
    ["Multiply the result of step 5 by step 6", 10],
    ["Compute the result of step 6 - 2", 3],
    ["Subtract the result of step 5 from the result of step 6", 3],
    ["Add both results", 7],
    ["Using steps 5 and 6, compute the mean of the results", 3.5],
  ])("calculates with numbers: %s", (step, value) => {
    expect(after([two, five])(step).output.result).toMatchObject({ value });
  });

  it.each([
    ["Add step 5 and 10", [file], /result of step 5 was not handed/u],
    ["Multiply it by 2", [two, five], /name the step/u],
    ["Multiply it by 2", [counts], /needs numbers, and "count per team" is a table/u],
    ["Write both tables to x.md", [counts], /both, and there are 1/u],
    ["Write the table to x.md", [two], /no table among/u],
    ["Write both tables to x.csv", [counts, means], /one table, and there are 2/u],
    ["Write a report with the table to x.txt", [counts], /does not end in \.md/u],
    ["Write the table to x.xlsx", [counts], /written to \.md, \.txt, \.csv and \.json/u],
    ["Write the table to x.md as csv", [counts], /unsupported_offline/u],
  ])("refuses: %s", (step, inputs, reason) => {
    expect(after(inputs)(step).error).toMatch(reason);
  });
});

describe("a written file", () => {
  const written = (step: string, inputs: readonly InputValue[], path: string): string => {
    const attempt = after(inputs)(step);
    expect(attempt.error).toBe("");
    return attempt.files[path] ?? "";
  };

  it("holds a number as its digits alone", () => {
    expect(written("Write the result to n.txt", [five], "n.txt")).toBe("5\n");
    expect(written("Write the result to n.csv", [five], "n.csv")).toBe("2 + 3\n5\n");
  });

  it("holds a table in the format of its name", () => {
    expect(written("Save the table as c.csv", [means], "c.csv")).toBe("team,mean score\nblue,4\ngreen,\nred,1.5\n");
    expect(JSON.parse(written("Write it to c.json", [counts], "c.json"))).toEqual({
      title: "count per team",
      rows: [
        { team: "blue", count: 1 },
        { team: "green", count: 1 },
        { team: "red", count: 2 },
      ],
    });
    expect(written("Write it to c.txt", [counts], "c.txt")).toBe("count per team\nteam   count\nblue   1\ngreen  1\nred    2\n");
  });

  it("is a report: the goal, a section for each result, what was left out, and where it comes from", () => {
    expect(written("Using steps 2 and 3, write a report with both tables to r.md", [counts, means], "r.md")).toBe(
      [
        "# Report",
        "> the goal",
        "## 2. count per team",
        "| team | count |\n| --- | ---: |\n| blue | 1 |\n| green | 1 |\n| red | 2 |",
        "## 3. mean score per team",
        "| team | mean score |\n| --- | ---: |\n| blue | 4 |\n| green | – |\n| red | 1.5 |",
        "Left out: 1 empty cell of `score` (green: 1).",
        "Numbers are rounded to four decimals at most.",
        "## Sources",
        "- `t.csv`",
        "",
      ]
        .join("\n\n")
        .replace(/\n\n$/u, "\n"),
    );
  });

  it("may be asked for in the step that computes it", () => {
    expect(written("Using step 1, count the rows per team and write the table to c.csv", [file], "c.csv")).toBe(
      "team,count\nblue,1\ngreen,1\nred,2\n",
    );
    expect(written("Save the mean score per team of t.csv as m.csv", [], "m.csv")).toContain("red,1.5\n");
  });

  it.each([
    ["Write 'hello; it is 1. o'clock' to g.txt", "g.txt", "hello; it is 1. o'clock"],
    ['Create a file g.md with the text "# Title"', "g.md", "# Title"],
    ["Write the following text to g.txt: “using step 1, done”", "g.txt", "using step 1, done"],
  ])("holds the very text that is given: %s", (step, path, text) => {
    expect(written(step, [], path)).toBe(text);
  });

  it("may be a copy of a file of its kind", () => {
    expect(written("Using step 1, write it to copy.csv", [file], "copy.csv")).toBe(files["t.csv"]);
    expect(after([file])("Using step 1, write it to copy.md").error).toMatch(/of its own kind/u);
  });
});

describe("an attempt", () => {
  it("ends when a tool is not offered, or an answer was refused", () => {
    const correction = { kind: "correction" as const, text: "no JSON" };
    expect(tryStep("Compute 1 + 1", { tools: ["read_file"] }).error).toMatch(/needs the tool execute_javascript/u);
    expect(tryStep("Compute 1 + 1", { turns: [correction] }).error).toMatch(/was refused \(no JSON\)/u);
  });

  it("says the reason of the tool that failed", () => {
    expect(tryStep("Read missing.txt").error).toBe("tool-failed: step 1: read_file missing.txt: The file missing.txt does not exist");
  });
});
