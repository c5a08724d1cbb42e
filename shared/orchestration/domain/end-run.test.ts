import { beforeEach, describe, expect, test } from "vitest";
import {
  attemptOf,
  carryThrough,
  changeRows,
  claim,
  commit,
  createRows,
  effectOf,
  newEffect,
  type Rows,
  startOf,
  taskNamed,
  theAgent,
  theRun,
} from "../../../tests/world/rows.ts";
import { endRun, type RunEnd } from "./end-run.ts";
import { pauseRun } from "./pause-run.ts";

let rows: Rows;
beforeEach(() => {
  rows = createRows({ dependencies: { done: [], due: [], claimed: [], waiting: ["due"] }, limit: 1_000n });
  carryThrough(rows, "done");
  commit(rows, { starts: ["due", "claimed"].map((name) => startOf(rows, name, [newEffect(rows, 0, { cost: 100n })])) });
  claim(rows, effectOf(rows, "claimed").id);
});

const end = (how: RunEnd) => changeRows(rows, (board, run) => endRun(board, run, how));
const cancel = () => end({ status: "cancelled", by: "a person" });
const error = { code: "deadline-exceeded", detail: "too late", retryable: false };

describe("the end of a run before its time", () => {
  test("raises the epoch and owes nobody an answer", () => {
    cancel();

    expect(theRun(rows)).toMatchObject({ status: "cancelled", phase: "end", epoch: 2, open_tasks: 0, phase_due: null });
  });

  test("marks every effect that nobody has claimed and gives its hold back", () => {
    cancel();

    expect(effectOf(rows, "due").state).toBe("cancelled");
    expect([...rows.holds.values()].map((hold) => hold.state)).toEqual(["released", "released", "held", "held"]);
    expect([...rows.budgets.values()].map((budget) => [budget.spent_nano, budget.held_nano])).toEqual([
      [0n, 100n],
      [0n, 100n],
    ]);
  });

  test("marks effects that a pause parked", () => {
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));
    cancel();

    expect(effectOf(rows, "due").state).toBe("cancelled");
    expect([...rows.budgets.values()].map((budget) => budget.held_nano)).toEqual([100n, 100n]);
  });

  test("leaves what a hand has claimed to its report, with its hold", () => {
    cancel();

    expect(effectOf(rows, "claimed").state).toBe("running");
  });

  test("cancels every attempt and frees its agent", () => {
    cancel();

    expect([attemptOf(rows, "due").status, attemptOf(rows, "claimed").status]).toEqual(["cancelled", "cancelled"]);
    expect(theAgent(rows).current_task_count).toBe(0);
  });

  test("cancels what has not ended and nothing else, each with a reason in the log", () => {
    cancel();

    expect(["done", "due", "claimed", "waiting"].map((name) => taskNamed(rows, name).status)).toEqual([
      "completed",
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
    const cancelled = rows.facts.flatMap((fact) => (fact.type === "task-cancelled" ? [[fact.name, fact.reason]] : []));
    expect(cancelled).toEqual(["due", "claimed", "waiting"].map((name) => [name, "the run was cancelled"]));
    expect(rows.facts.at(-1)).toEqual({ type: "run-cancelled", by: "a person" });
  });

  test("by a failure gives run and goal the error", () => {
    end({ status: "failed", error });

    expect(theRun(rows)).toMatchObject({ status: "failed", error });
    expect(taskNamed(rows, "goal").status).toBe("failed");
    expect(rows.facts.at(-1)).toEqual({ type: "run-failed", error });
  });

  test("by a cancel gives the goal no error", () => {
    const { board } = cancel();

    expect(board.tasks.get(theRun(rows).root_task_id)).toMatchObject({ status: "cancelled", error: null });
  });
});
