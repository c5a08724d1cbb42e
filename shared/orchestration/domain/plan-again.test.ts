import { describe, expect, test } from "vitest";
import { carryThrough, createRows, doneMove, failedMove, taskNamed, theRun } from "../../../tests/world/rows.ts";

const runWith = (replans_left: number, more: object = {}) =>
  createRows({ dependencies: { a: [], b: ["a"], c: [] }, run: { replans_left, ...more } });
const again = { kind: "success", output: { approved: false, replan: true } };

describe("a task that fails for good", () => {
  test("lets everything else end first, and then the run is planned again: what completed stays, what waited is cancelled", () => {
    const rows = runWith(1);
    carryThrough(rows, "a", failedMove("task-failed"));
    expect(theRun(rows).phase_due).toBeNull();
    carryThrough(rows, "c");

    expect(["a", "b", "c"].map((name) => taskNamed(rows, name).status)).toEqual(["failed", "cancelled", "completed"]);
    expect(theRun(rows)).toMatchObject({
      phase_due: again,
      error: null,
      replans: [{ cause: "failure", detail: "task-failed: Task 1 (a): it was task-failed" }],
    });
    expect(rows.facts.at(-1)).toMatchObject({ type: "replanned", cause: "failure", left: 0 });
  });

  test("fails the run when nothing is left to plan with, with why each plan before came to nothing", () => {
    const rows = runWith(0, { replans: [{ cause: "rejection", detail: "the sum is wrong" }] });
    carryThrough(rows, "a", failedMove("task-failed"));
    carryThrough(rows, "c");

    const error = { code: "task-failed", detail: "Task 1 (a): it was task-failed (after an earlier plan: 1. the sum is wrong)" };
    expect(theRun(rows)).toMatchObject({ phase_due: { kind: "failure", error }, error });
    expect(rows.facts.map(({ type }) => type)).not.toContain("replanned");
  });

  test("changes nothing of a run that was made without replans", () => {
    const rows = runWith(0);
    carryThrough(rows, "a", failedMove("task-failed"));
    carryThrough(rows, "c");

    expect(theRun(rows)).toMatchObject({
      replans: [],
      phase_due: { kind: "failure", error: { detail: "Task 1 (a): it was task-failed" } },
    });
  });
});

describe("a run whose tasks all complete", () => {
  test("is not planned again", () => {
    const rows = runWith(1);
    for (const name of ["a", "b", "c"]) carryThrough(rows, name, doneMove(rows));

    expect(theRun(rows)).toMatchObject({ replans: [], replans_left: 1, phase_due: { kind: "success", output: {} } });
  });
});
