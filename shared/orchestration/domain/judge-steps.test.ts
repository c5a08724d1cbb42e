import { beforeEach, describe, expect, test } from "vitest";
import {
  attemptOf,
  changeRows,
  claim,
  commit,
  createRows,
  doneMove,
  effectOf,
  failedMove,
  newEffect,
  type Rows,
  reportOf,
  startOf,
  stepOf,
  taskNamed,
  theAgent,
  theRun,
} from "../../../tests/world/rows.ts";
import type { Move, Step } from "./batch.ts";
import { endRun } from "./end-run.ts";
import { pauseRun } from "./pause-run.ts";
import { MAX_ATTEMPTS } from "./plan-retry.ts";

let rows: Rows;
let token: string;

beforeEach(() => {
  rows = createRows({ dependencies: { a: [], b: ["a"] } });
  commit(rows, { starts: [startOf(rows, "a")] });
  token = claim(rows, effectOf(rows, "a").id);
});

const waiting: Move = { kind: "effects", effects: [] };
const step = (move: Move = doneMove(rows), lease = token): Step => stepOf(rows, "a", [reportOf(rows, effectOf(rows, "a").id, lease)], move);
const verdictOf = (judged: Step) => commit(rows, { steps: [judged] }).steps[0];
const factTypes = () => rows.facts.map((fact) => fact.type);

describe("a step", () => {
  test("is accepted when nothing changed since it was decided", () => {
    expect(verdictOf(step())).toBe("ok");
    expect(taskNamed(rows, "a").status).toBe("completed");
    expect(effectOf(rows, "a").state).toBe("done");
    expect(theAgent(rows).current_task_count).toBe(0);
  });

  test("decided from an older journal is overtaken and changes nothing", () => {
    const old = { ...step(), version: attemptOf(rows, "a").version - 1 };

    expect(verdictOf(old)).toBe("moved-on");
    expect(effectOf(rows, "a").state).toBe("running");
    expect(factTypes()).toEqual(["task-started"]);
  });

  test("decided under an older epoch is overtaken and changes nothing", () => {
    const old = { ...step(), epoch: theRun(rows).epoch - 1 };

    expect(verdictOf(old)).toBe("moved-on");
    expect(effectOf(rows, "a").state).toBe("running");
  });

  test("that counted a lease which is gone is overtaken whole", () => {
    expect(verdictOf(step(doneMove(rows), rows.newId()))).toBe("moved-on");
    expect(taskNamed(rows, "a").status).toBe("in_progress");
  });

  test("that counted an answer which is stored already is overtaken", () => {
    const first = step(waiting);
    verdictOf(first);
    const again = { ...first, version: attemptOf(rows, "a").version };

    expect(verdictOf(again)).toBe("moved-on");
    expect(factTypes()).toEqual(["task-started", "effect-answered"]);
  });

  test("that brings one answer twice is overtaken, though both pass the guard on the locked row", () => {
    const report = reportOf(rows, effectOf(rows, "a").id, token, { cost: 5n });

    expect(verdictOf(stepOf(rows, "a", [report, report], waiting))).toBe("moved-on");
    expect(rows.usage).toEqual([]);
  });

  test("of an attempt that does not exist is unknown", () => {
    expect(verdictOf({ ...step(), attempt_id: rows.newId() })).toBe("unknown");
  });

  test("raises the version of its attempt once, whatever it brings", () => {
    const before = attemptOf(rows, "a").version;
    verdictOf(step({ kind: "effects", effects: [newEffect(rows, 1), newEffect(rows, 2)] }));

    expect(attemptOf(rows, "a").version).toBe(before + 1);
  });

  test("that brings nothing and wants nothing leaves the version alone", () => {
    const before = attemptOf(rows, "a").version;

    expect(verdictOf(stepOf(rows, "a", [], waiting))).toBe("ok");
    expect(attemptOf(rows, "a").version).toBe(before);
  });
});

describe("a step of a paused run", () => {
  test("keeps the answer that was paid for and takes no next step", () => {
    changeRows(rows, (board, run) => pauseRun(board, run, "by a person"));

    expect(verdictOf(step())).toBe("paused");
    expect(effectOf(rows, "a").state).toBe("done");
    expect(taskNamed(rows, "a").status).toBe("in_progress");
    expect(attemptOf(rows, "a").version).toBe(2);
  });

  test("decided before the pause is decided again first", () => {
    const before = step();
    changeRows(rows, (board, run) => pauseRun(board, run, "by a person"));

    expect(verdictOf(before)).toBe("moved-on");
  });
});

describe("a step of a run that has ended", () => {
  test("is late: its answer is stored and booked, and changes nothing else", () => {
    const before = step();
    changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "a person" }));
    const facts = rows.facts.length;

    expect(verdictOf(before)).toBe("late");
    expect(effectOf(rows, "a").state).toBe("late");
    expect(taskNamed(rows, "a").status).toBe("cancelled");
    expect(rows.facts.slice(facts)).toMatchObject([{ type: "effect-answered", state: "late" }]);
  });

  test("is late only once: a copy of it stores nothing", () => {
    const late = stepOf(rows, "a", [reportOf(rows, effectOf(rows, "a").id, token, { cost: 5n })], doneMove(rows));
    changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "a person" }));
    verdictOf(late);

    expect(verdictOf(late)).toBe("late");
    expect(rows.usage).toHaveLength(1);
  });

  test("with a forged lease stores nothing", () => {
    changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "a person" }));

    expect(verdictOf(step(doneMove(rows), rows.newId()))).toBe("late");
    expect(effectOf(rows, "a").state).toBe("running");
  });
});

describe("a failed attempt", () => {
  test("is tried again while its error allows it, under the next number", () => {
    expect(verdictOf(step(failedMove("provider-unavailable", true)))).toBe("ok");
    expect(taskNamed(rows, "a").status).toBe("pending");
    expect(theRun(rows).open_tasks).toBe(2);

    expect(commit(rows, { starts: [startOf(rows, "a")] }).starts).toEqual(["ok"]);
    expect(attemptOf(rows, "a").number).toBe(2);
  });

  test(`is not tried again after ${MAX_ATTEMPTS} attempts`, () => {
    verdictOf(step(failedMove("provider-unavailable", true)));
    commit(rows, { starts: [startOf(rows, "a")] });
    token = claim(rows, effectOf(rows, "a").id);
    verdictOf(step(failedMove("provider-unavailable", true)));

    expect(taskNamed(rows, "a").status).toBe("failed");
    expect(taskNamed(rows, "b").status).toBe("cancelled");
    expect(factTypes().filter((type) => type === "task-retried")).toHaveLength(MAX_ATTEMPTS - 1);
  });

  test("fails its task at once when its error can never go away, and cancels what depends on it", () => {
    verdictOf(step(failedMove("unsupported_offline")));

    expect(taskNamed(rows, "a").status).toBe("failed");
    expect(taskNamed(rows, "b").status).toBe("cancelled");
    expect(rows.facts.at(-1)).toMatchObject({ type: "task-cancelled", name: "b", reason: "task 1 failed" });
    expect(theRun(rows).phase_due).toEqual({
      kind: "failure",
      error: { code: "unsupported_offline", detail: "Task 1 (a): it was unsupported_offline", retryable: false },
    });
  });

  test("frees its agent", () => {
    verdictOf(step(failedMove("unsupported_offline")));

    expect(theAgent(rows).current_task_count).toBe(0);
  });
});

test("the first failure of a run is the one that it ends with", () => {
  const wide = createRows({ dependencies: { a: [], b: [] } });
  for (const name of ["b", "a"]) {
    commit(wide, { starts: [startOf(wide, name)] });
    const effect = effectOf(wide, name);
    const report = reportOf(wide, effect.id, claim(wide, effect.id));
    commit(wide, { steps: [stepOf(wide, name, [report], failedMove(`${name}-failed`))] });
  }

  expect(theRun(wide).phase_due).toMatchObject({ kind: "failure", error: { code: "b-failed" } });
});

test("of an attempt whose time is up nobody is asked any more: neither whether to begin, nor what has happened", () => {
  const rows = createRows();
  const effects = [newEffect(rows, 0), newEffect(rows, 1, { safety: "once" }), newEffect(rows, 2)];
  commit(rows, { starts: [startOf(rows, "a", effects)] });
  const [parked, unknown, due] = effects.map(({ id }) => id);
  for (const [id, state] of [
    [parked, "parked"],
    [unknown, "unknown"],
  ] as const) {
    const effect = rows.effects.get(id ?? "");
    if (effect !== undefined) rows.effects.set(effect.id, { ...effect, state });
  }

  const { board } = commit(rows, { steps: [stepOf(rows, "a", [], failedMove("timeout"))] });

  expect(board.unasked).toEqual(new Set([parked, unknown]));
  expect([parked, unknown, due].map((id) => rows.effects.get(id ?? "")?.state)).toEqual(["cancelled", "unknown", "cancelled"]);
});
