import { describe, expect, it } from "vitest";
import { parseGoalOptions } from "./goal-options.ts";

describe("the arguments of npm run goal", () => {
  it("are a goal, and what it is given", () => {
    const argv = ["Count the rows", "--file", "a.csv", "--file", "data/b.csv", "--out", "out", "--budget", "0.25", "--json"];

    expect(parseGoalOptions(argv)).toEqual({
      goal: "Count the rows",
      files: ["a.csv", "data/b.csv"],
      out: "out",
      budget: "0.25",
      json: true,
    });
    expect(parseGoalOptions(["x"])).toEqual({ goal: "x", files: [], out: undefined, budget: undefined, json: false });
    expect(parseGoalOptions(["--", "--json is a goal"])).toMatchObject({ goal: "--json is a goal", json: false });
  });

  it.each<[string[], string]>([
    [[], "There is no goal."],
    [["", "--json"], "There is no goal."],
    [["  \n "], "There is no goal."],
    [["count", "the", "rows"], "There is more than one goal: put it in quotes."],
    [["x", "--frobnicate"], "Unknown option '--frobnicate'."],
    [["x", "-v"], "Unknown option '-v'."],
    [["x", "--file"], "Option '--file <value>' argument missing."],
    [["x", "--json=yes"], "Option '--json' does not take an argument."],
    [["x", "--budget", "1e3"], '--budget takes dollars such as 0.25, not "1e3".'],
    [["x", "--budget", ""], '--budget takes dollars such as 0.25, not "".'],
    [["x", "--budget=-1"], '--budget takes dollars such as 0.25, not "-1".'],
  ])("are refused in one sentence: %j", (argv, reason) => {
    expect(parseGoalOptions(argv)).toBe(reason);
  });
});
