import { beforeEach, describe, expect, test } from "vitest";
import {
  changeRows,
  claim,
  commit,
  createRows,
  doneMove,
  effectOf,
  newEffect,
  type Rows,
  reportOf,
  startOf,
  stepOf,
  theRun,
} from "../../../tests/world/rows.ts";
import type { NewEffect } from "./batch.ts";
import { endRun } from "./end-run.ts";
import { healRun } from "./heal-run.ts";
import { pauseRun, resumeRun } from "./pause-run.ts";

const LOOK_SECONDS = 60;

let rows: Rows;
const begin = (options: { safety?: NewEffect["safety"]; limit?: bigint } = {}) => {
  rows = createRows({ limit: options.limit ?? 1_000n });
  commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0, { cost: 100n, safety: options.safety ?? "repeatable" })])] });
};
const heal = () => changeRows(rows, (board, run) => healRun(board, run, LOOK_SECONDS)).board;
const budgets = () => [...rows.budgets.values()].map((budget) => [budget.spent_nano, budget.held_nano]);
const loseLease = () => {
  const token = claim(rows, effectOf(rows, "a").id);
  rows.now += 90_000;
  return token;
};

beforeEach(() => begin());

describe("an effect that is due", () => {
  test("is sent again when it has waited so long that it may never have been", () => {
    rows.now += 59_999;
    expect(heal().resends.size).toBe(0);
    rows.now += 1;
    expect([...heal().resends]).toEqual([effectOf(rows, "a").id]);
    expect(effectOf(rows, "a")).toMatchObject({ state: "due", try: 1 });
    expect(rows.holds.size).toBe(2);
  });

  test("is sent again after pauses that double, and never more seldom than every quarter of an hour", () => {
    const sentAfter: number[] = [];
    for (let minute = 1; minute <= 61; minute += 1) {
      rows.now += 60_000;
      if (heal().resends.size > 0) sentAfter.push(minute);
    }

    expect(sentAfter).toEqual([1, 3, 7, 15, 30, 45, 60]);
  });

  test("is sent at once when the queues are lost", () => {
    expect(changeRows(rows, (board, run) => healRun(board, run, 0)).board.resends.size).toBe(1);
  });

  test("is young again when its run was resumed, or when its hand was lost", () => {
    rows.now += 600_000;
    heal();
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));
    changeRows(rows, (board, run) => resumeRun(board, run, undefined));
    rows.now += 59_999;
    expect(heal().resends.size).toBe(0);
    rows.now += 1;
    expect(heal().resends.size).toBe(1);

    loseLease();
    heal();
    rows.now += 60_000;
    expect(heal().resends.size).toBe(1);
  });

  test("is not sent while its run is paused", () => {
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));

    expect(heal().resends.size).toBe(0);
  });
});

describe("an effect under a lease", () => {
  test("is left alone until the lease ends", () => {
    claim(rows, effectOf(rows, "a").id);
    rows.now += 89_999;

    expect(heal().touched.effects.size).toBe(0);
  });

  test("that ended is due again under the next try, without a lease and with a hold of its own; the lost try is booked in full", () => {
    loseLease();
    const board = heal();

    expect(effectOf(rows, "a")).toMatchObject({ state: "due", try: 2, lease_token: null });
    expect([...board.resends]).toEqual([effectOf(rows, "a").id]);
    expect([...rows.holds.values()].map((hold) => [hold.try, hold.state])).toEqual([
      [1, "unsettled"],
      [1, "unsettled"],
      [2, "held"],
      [2, "held"],
    ]);
    expect(budgets()).toEqual([
      [100n, 100n],
      [100n, 100n],
    ]);
    expect(rows.facts.at(-1)).toMatchObject({ type: "effect-resent", try: 2 });
  });

  test("that ended cannot be answered by its old holder any more", () => {
    const old = loseLease();
    heal();

    const report = reportOf(rows, effectOf(rows, "a").id, old, { cost: 10n });
    expect(commit(rows, { steps: [stepOf(rows, "a", [report], doneMove(rows))] }).steps).toEqual(["moved-on"]);
    expect(rows.usage).toEqual([]);
  });

  test("that ended pauses the run when the budget does not cover another try", () => {
    begin({ limit: 150n });
    loseLease();
    heal();

    expect(theRun(rows).status).toBe("paused");
    expect(effectOf(rows, "a")).toMatchObject({ state: "parked", try: 2 });
    expect(budgets()).toEqual([
      [100n, 0n],
      [100n, 0n],
    ]);
    expect(rows.facts.slice(-2)).toMatchObject([
      { type: "run-paused", reason: "budget" },
      { type: "inbox-item-opened", kind: "question" },
    ]);
  });

  test("that ended in a paused run waits for the resume", () => {
    loseLease();
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));

    expect(heal().resends.size).toBe(0);
    expect(effectOf(rows, "a")).toMatchObject({ state: "parked", try: 2 });
  });
});

test("an effect that every hand dies of is given up, and its attempt is told", () => {
  const free = createRows({ dependencies: { a: [] } });
  commit(free, { starts: [startOf(free, "a", [newEffect(free, 0)])] });
  for (let lost = 0; lost < 8; lost += 1) {
    claim(free, effectOf(free, "a").id);
    free.now += 100_000;
    changeRows(free, (board, run) => healRun(board, run, LOOK_SECONDS));
  }

  expect(effectOf(free, "a")).toMatchObject({ state: "failed", try: 8, error: { code: "lease-lost", retryable: false } });
  expect(changeRows(free, (board, run) => healRun(board, run, LOOK_SECONDS)).board.resends.size).toBe(0);
});

describe("an effect that must happen once", () => {
  beforeEach(() => begin({ safety: "once" }));

  test("is unknown when its lease ended, and is never sent again", () => {
    loseLease();

    expect(heal().resends.size).toBe(0);
    expect(effectOf(rows, "a")).toMatchObject({ state: "unknown", try: 1 });
    expect(rows.facts.slice(-2)).toMatchObject([{ type: "effect-unknown" }, { type: "inbox-item-opened", kind: "outcome" }]);
    expect(heal().resends.size).toBe(0);
    expect(rows.items.size).toBe(1);
    expect(rows.holds.size).toBe(2);
  });

  test("that is unknown takes the answer of whoever held its lease, and costs what that says", () => {
    const token = loseLease();
    heal();
    const report = reportOf(rows, effectOf(rows, "a").id, token, { cost: 30n });

    expect(commit(rows, { steps: [stepOf(rows, "a", [report], doneMove(rows))] }).steps).toEqual(["ok"]);
    expect(budgets()).toEqual([
      [30n, 0n],
      [30n, 0n],
    ]);
  });

  test("is unknown, not cancelled, when it was lost in a run that has ended", () => {
    loseLease();
    changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "test" }));
    heal();

    expect(effectOf(rows, "a").state).toBe("unknown");
  });
});

test("an effect lost in a run that has ended is closed and booked in full, and not sent again", () => {
  loseLease();
  changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "test" }));

  expect(heal().resends.size).toBe(0);
  expect(effectOf(rows, "a").state).toBe("cancelled");
  expect(budgets()).toEqual([
    [100n, 0n],
    [100n, 0n],
  ]);
});
