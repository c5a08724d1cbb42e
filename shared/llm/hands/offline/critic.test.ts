import { describe, expect, it } from "vitest";
import { reviewTasks } from "./critic.ts";
import { summarizeRun } from "./summarizer.ts";

const notes = { left_out: {}, left_out_of_filter: {}, source: "t.csv", filter: null };
const number = { kind: "number", label: "count", value: 344, ...notes };
const table = {
  kind: "table",
  title: "mean x per k",
  of: "groups",
  columns: ["k", "mean x"],
  rows: [
    ["a", 1.23456789],
    ["b", null],
  ],
  left_out_per_group: [],
  ...notes,
};
const file = { kind: "file", path: "r.md", bytes: 12, sha256: "0" };
const goal = "Count, and report";
const task = (ordinal: number, status = "completed") => ({ ordinal, name: `Task ${ordinal}`, status });
const input = (ordinal: number, result: Parameters<typeof reviewTasks>[1][number]["result"]) => ({
  ordinal,
  name: `Task ${ordinal}`,
  result,
});

describe("a review", () => {
  it("approves tasks that completed with whole results", () => {
    const review = reviewTasks({ goal, tasks: [task(1), task(2), task(3)] }, [input(1, number), input(2, table), input(3, file)]);
    expect(review).toMatchObject({ approved: true, overall_score: 10, issues: [] });
  });

  it.each([
    ["a task that did not complete", [task(1, "failed")], [], "the task is failed"],
    ["a task without a result", [task(1)], [], "the task has no result"],
    ["a table whose rows do not fit", [task(1)], [input(1, { ...table, rows: [["a"]] })], 'rows of "mean x per k" do not fit its columns'],
  ])("refuses %s", (_, tasks, inputs, description) => {
    const review = reviewTasks({ goal, tasks }, inputs);
    expect(review.approved).toBe(false);
    expect(review.overall_score).toBeLessThan(10);
    expect(review.issues).toEqual([expect.objectContaining({ severity: "high", description, location: "task 1: Task 1" })]);
  });

  it("remarks on an empty table and an empty file, and lets them pass", () => {
    const review = reviewTasks({ goal, tasks: [task(1), task(2)] }, [input(1, { ...table, rows: [] }), input(2, { ...file, bytes: 0 })]);
    expect(review.approved).toBe(true);
    expect(review.issues.map((issue) => issue.severity)).toEqual(["low", "low"]);
  });

  it("does not judge the shape of what another model wrote", () => {
    expect(reviewTasks({ goal, tasks: [task(1)] }, [input(1, "a text")]).approved).toBe(true);
  });
});

describe("a summary", () => {
  it("repeats the goal and every figure as the results hold it", () => {
    const summary = summarizeRun({ goal, tasks: [task(1), task(2), task(3), task(4, "cancelled")] }, [
      input(1, number),
      input(2, table),
      input(3, file),
    ]);
    expect(summary.key_points).toEqual([
      "Task 1: count = 344",
      "Task 2: mean x per k (k, mean x): a 1.23456789; b no value",
      "Task 3: r.md (12 bytes)",
    ]);
    expect(summary.summary).toContain("Goal: Count, and report\n3 of 4 tasks completed.\nTask 4: cancelled.");
    expect(summary.confidence).toBe(0.75);
  });

  it("stays within its length, however long the goal and the tables are", () => {
    const rows = Array.from({ length: 500 }, (_, index) => [`key ${index}`.repeat(100), index]);
    const inputs = Array.from({ length: 100 }, (_, index) => input(index + 1, { ...table, rows }));
    const summary = summarizeRun({ goal: "x".repeat(200_000), tasks: inputs.map(({ ordinal }) => task(ordinal)) }, inputs);
    expect(summary.summary.length).toBeLessThanOrEqual(20_000);
    expect(summary.key_points.every((point) => point.length <= 2_000)).toBe(true);
  });
});
