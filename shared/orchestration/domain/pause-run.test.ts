import { beforeEach, describe, expect, test } from "vitest";
import {
  changeRows,
  claim,
  commit,
  createRows,
  effectOf,
  lockAll,
  newEffect,
  type Rows,
  startOf,
  theRun,
} from "../../../tests/world/rows.ts";
import { openBoard } from "./board.ts";
import { pauseRun, resumeRun } from "./pause-run.ts";

let rows: Rows;
beforeEach(() => {
  rows = createRows({ dependencies: { a: [], b: [] }, limit: 100n });
  commit(rows, { starts: ["a", "b"].map((name) => startOf(rows, name, [newEffect(rows, 0, { cost: 50n })])) });
  claim(rows, effectOf(rows, "b").id);
});

const pause = () => changeRows(rows, (board, run) => pauseRun(board, run, "by a person")).answer;
const resume = (limit?: bigint) => changeRows(rows, (board, run) => resumeRun(board, run, limit));
const held = () => [...rows.budgets.values()].map((budget) => budget.held_nano);

describe("a pause", () => {
  test("parks what nobody has claimed, keeps its hold, and leaves what is under way", () => {
    expect(pause()).toBe(true);
    expect(theRun(rows)).toMatchObject({ status: "paused", epoch: 2 });
    expect([effectOf(rows, "a").state, effectOf(rows, "b").state]).toEqual(["parked", "running"]);
    expect(held()).toEqual([100n, 100n]);
    expect(rows.facts.at(-1)).toEqual({ type: "run-paused", reason: "by a person" });
  });

  test.each(["pending", "paused", "completed", "failed", "cancelled"] as const)("does nothing to a run that is %s", (status) => {
    rows.runs.set(theRun(rows).id, { ...theRun(rows), status });

    expect(pause()).toBe(false);
    expect(theRun(rows)).toMatchObject({ status, epoch: 1 });
  });
});

describe("a resume", () => {
  test("makes what was parked due again, once, under the next epoch, without another hold", () => {
    pause();
    const { answer, board } = resume();

    expect(answer).toBe("resumed");
    expect(theRun(rows)).toMatchObject({ status: "running", epoch: 3 });
    expect(effectOf(rows, "a")).toMatchObject({ state: "due", try: 1 });
    expect([...board.resends]).toEqual([effectOf(rows, "a").id]);
    expect(held()).toEqual([100n, 100n]);
    expect(rows.facts.at(-1)).toEqual({ type: "run-resumed", budget_usd: null });
  });

  test("with a limit gives the run, and not its workspace, that limit", () => {
    pause();
    resume(2_000_000_000n);

    expect([...rows.budgets.values()].map((budget) => budget.limit_nano)).toEqual([2_000_000_000n, null]);
    expect(rows.facts.at(-1)).toEqual({ type: "run-resumed", budget_usd: "2" });
  });

  test("takes the hold that a parked effect has not, and refuses when the budget does not cover it", () => {
    pause();
    for (const hold of rows.holds.values()) rows.holds.set(hold.id, { ...hold, state: "unsettled", settled_nano: hold.amount_nano });
    for (const budget of rows.budgets.values()) rows.budgets.set(budget.id, { ...budget, held_nano: 0n, spent_nano: 100n });

    const refused = openBoard(lockAll(rows), { now: new Date(rows.now), newId: rows.newId });
    const [run] = refused.runs.values();
    expect(run && resumeRun(refused, run, 149n)).toBe("budget");
    expect(resume(150n).answer).toBe("resumed");
    expect(held()).toEqual([50n, 50n]);
  });

  test("refuses a limit below what is spent and held already", () => {
    pause();
    const refused = openBoard(lockAll(rows), { now: new Date(rows.now), newId: rows.newId });
    const [run] = refused.runs.values();

    expect(run && resumeRun(refused, run, 99n)).toBe("budget");
    expect(resume(100n).answer).toBe("resumed");
  });

  test.each(["pending", "running", "completed", "failed", "cancelled"] as const)("does nothing to a run that is %s", (status) => {
    rows.runs.set(theRun(rows).id, { ...theRun(rows), status });

    expect(resume().answer).toBe("not-paused");
    expect(theRun(rows)).toMatchObject({ status, epoch: 1 });
  });
});
