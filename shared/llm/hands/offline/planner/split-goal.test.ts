import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitGoal } from "./split-goal.ts";

const steps = (goal: string): readonly string[] => splitGoal(goal, ["a.csv"]).steps;

describe("numbered steps", () => {
  it.each([
    ["1. Read a.csv. 2. Count the rows. 3. Write it to n.txt", ["Read a.csv.", "Count the rows.", "Write it to n.txt"]],
    ["1) Read a.csv\n2) Count the rows", ["Read a.csv", "Count the rows"]],
    ["(1) Read a.csv (2) Count the rows", ["Read a.csv", "Count the rows"]],
    ["Step 1: Read a.csv\nStep 2: Count the rows using step 1.", ["Read a.csv", "Count the rows using step 1."]],
    ["1. Read a.csv 2. Count the rows 3. Write it to n.txt", ["Read a.csv", "Count the rows", "Write it to n.txt"]],
    ["Steps\n1. Read a.csv\n2. Count the rows", ["Read a.csv", "Count the rows"]],
  ])("%s", (goal, expected) => {
    expect(steps(goal)).toEqual(expected);
  });

  it("are not begun by numbers of a sentence", () => {
    expect(steps("1. Compute 1 + 2. 2. Compute 3 * 2. 3. Count rows where a > 4. 4. Add 5 and 6.")).toHaveLength(4);
    expect(steps("1. Using steps 2 and 3. 2. Count. 3. Count.")).toHaveLength(3);
    expect(steps("Compute the sum of 3, 4 and 5")).toHaveLength(1);
  });

  it("are not begun by numbers in quotes", () => {
    expect(steps("1. Write 'a 2. b' to x.txt. 2. Count.")).toEqual(["Write 'a 2. b' to x.txt.", "Count."]);
  });

  it("take all that follows them up to the next one", () => {
    expect(steps("1. Count the rows. Exclude Dream. 2. Write it")).toEqual(["Count the rows. Exclude Dream.", "Write it"]);
  });
});

describe("text before the steps", () => {
  it("may introduce them and name files", () => {
    expect(splitGoal("Please do the following with a.csv: 1. Count the rows", ["a.csv"]).preamble).toContain("a.csv");
  });

  it("must not change what they mean", () => {
    expect(() => splitGoal("Only use rows of 2007. 1. Count the rows 2. Stop", [])).toThrow(/unsupported_offline.*before the first step/u);
  });
});

describe("bulleted steps", () => {
  it("are lines with a mark, and unmarked lines after them", () => {
    expect(steps("With a.csv:\n- Count the rows\n* Sum b\nWrite both to x.md")).toEqual(["Count the rows", "Sum b", "Write both to x.md"]);
  });

  it("go on in indented lines", () => {
    expect(steps("- Count the rows\n  per b")).toEqual(["Count the rows\n  per b"]);
  });
});

describe("sentences", () => {
  it.each([
    [
      "First read a.csv. Then count the rows. Finally write it to x.md.",
      ["First read a.csv.", "Then count the rows.", "Finally write it to x.md."],
    ],
    ["Read a.csv, then count the rows, and finally write it to x.md", ["Read a.csv", "then count the rows", "finally write it to x.md"]],
    ["Read a.csv and count the rows", ["Read a.csv", "count the rows"]],
    ["Compute 12 * (3 + 4) and write the result to answer.txt", ["Compute 12 * (3 + 4)", "write the result to answer.txt"]],
    ["Count the rows\nper b in a.csv", ["Count the rows per b in a.csv"]],
    ["Count the rows in a.csv\nWrite it to x.md", ["Count the rows in a.csv", "Write it to x.md"]],
    ["Filter a.csv where b is x and compute the mean c", ["Filter a.csv where b is x", "compute the mean c"]],
  ])("%s", (goal, expected) => {
    expect(steps(goal)).toEqual(expected);
  });

  it("are not cut where a column may be named like a command", () => {
    expect(steps("Compute the mean of score and count per team in a.csv")).toHaveLength(1);
  });

  it("lose none of their letters, whatever they are", () => {
    const letters = (text: string): string => text.replace(/[^\p{L}]/gu, "");
    const words = fc.array(fc.constantFrom("read", "a.csv", "then", "count", ".", ",", "\n", "rows", "'q. r'", "5"), { maxLength: 30 });
    fc.assert(
      fc.property(words, (parts) => {
        const goal = parts.join(" ");
        const kept = letters(steps(goal).join(" ")).replaceAll("and", "");
        expect(kept).toBe(letters(goal).replaceAll("and", ""));
      }),
    );
  });
});
