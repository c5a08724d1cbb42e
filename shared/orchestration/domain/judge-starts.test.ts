import { beforeEach, describe, expect, test } from "vitest";
import {
  attemptOf,
  carryThrough,
  changeRows,
  commit,
  createRows,
  newEffect,
  type Rows,
  startOf,
  taskNamed,
  theAgent,
  theRun,
} from "../../../tests/world/rows.ts";
import type { Start } from "./batch.ts";
import { endRun } from "./end-run.ts";
import { pauseRun } from "./pause-run.ts";

let rows: Rows;
beforeEach(() => {
  rows = createRows({ dependencies: { a: [], b: ["a"], c: [] }, capacity: 1, limit: 100n });
});

const verdictOf = (start: Start) => commit(rows, { starts: [start] }).starts[0];

describe("a task begins", () => {
  test("with its attempt, its first effects, its holds and one more on its agent", () => {
    expect(verdictOf(startOf(rows, "a", [newEffect(rows, 0, { cost: 40n })]))).toBe("ok");
    expect(taskNamed(rows, "a")).toMatchObject({ status: "in_progress", attempts: 1, started_at: "2026-01-01T00:00:00.000Z" });
    expect(attemptOf(rows, "a")).toMatchObject({ number: 1, version: 1, status: "running" });
    expect([...rows.effects.values()]).toMatchObject([{ state: "due", try: 1, seq: 0 }]);
    expect([...rows.holds.values()].map((hold) => hold.amount_nano)).toEqual([40n, 40n]);
    expect(theAgent(rows).current_task_count).toBe(1);
  });

  test.each<[string, string, () => Start]>([
    ["not before what it depends on has completed", "not-ready", () => startOf(rows, "b")],
    ["not with a result that another batch has stored under another id", "not-ready", () => relyingOn("a")],
    ["not before the plan was approved by whoever wants to see it first", "late", () => unapproved("a")],
    ["not as it was before somebody changed it", "not-ready", () => changedMeanwhile("a")],
    ["not in another phase than its own", "not-ready", () => inPhase("review", "a")],
    ["not when the budget does not cover its first effects", "budget", () => startOf(rows, "a", [newEffect(rows, 0, { cost: 101n })])],
    ["not when its run is paused", "late", () => afterChange("pause", "a")],
    ["not when its run has ended", "late", () => afterChange("cancel", "a")],
    ["not when it does not exist", "unknown", () => ({ ...startOf(rows, "a"), task_id: rows.newId() })],
    ["not on an agent that does not exist", "unknown", () => ({ ...startOf(rows, "a"), agent_id: rows.newId() })],
  ])("%s", (_, verdict, prepare) => {
    const start = prepare();
    const before = [...rows.tasks.values()];

    expect(verdictOf(start)).toBe(verdict);
    expect([...rows.tasks.values()]).toEqual(before);
    expect([rows.attempts.size, rows.effects.size, rows.holds.size]).toEqual([0, 0, 0]);
  });

  test("not while its agent is full", () => {
    verdictOf(startOf(rows, "a"));

    expect(verdictOf(startOf(rows, "c"))).toBe("capacity");
    expect(theAgent(rows).current_task_count).toBe(1);
  });

  test("not while as many of its workspace run as may, or more, whatever room its agent has", () => {
    rows = createRows({ limit: 100n, dependencies: { a: [], b: ["a"], c: [] }, capacity: 10 });
    const workspace = [...rows.budgets.values()].find(({ scope }) => scope === "workspace");
    if (workspace === undefined) throw new Error("there is no workspace");
    rows.budgets.set(workspace.id, { ...workspace, max_running_tasks: 1 });

    expect(commit(rows, { starts: [startOf(rows, "a"), startOf(rows, "c")] }).starts).toEqual(["ok", "capacity"]);
    expect(rows.budgets.get(workspace.id)).toMatchObject({ running_tasks: 1, max_running_tasks: 1 });
    rows.budgets.set(workspace.id, { ...workspace, running_tasks: 5, max_running_tasks: 1 });
    expect(verdictOf(startOf(rows, "c"))).toBe("capacity");
  });

  test("once, however often it is asked to", () => {
    expect(commit(rows, { starts: [startOf(rows, "a"), startOf(rows, "a")] }).starts).toEqual(["ok", "not-ready"]);
    expect(verdictOf(startOf(rows, "a"))).toBe("not-ready");
  });

  test("not again when it has completed", () => {
    carryThrough(rows, "a");

    expect(verdictOf(startOf(rows, "a"))).toBe("not-ready");
  });
});

function unapproved(name: string): Start {
  theRun(rows).contract = { approved_sha256: null, tools: [], files: [] };
  return startOf(rows, name);
}

function changedMeanwhile(name: string): Start {
  const start = startOf(rows, name);
  taskNamed(rows, name).revision += 1;
  return start;
}

function inPhase(phase: "review", name: string): Start {
  rows.runs.set(theRun(rows).id, { ...theRun(rows), phase });
  return startOf(rows, name);
}

function afterChange(kind: "pause" | "cancel", name: string): Start {
  const start = startOf(rows, name);
  changeRows(rows, (board, run) =>
    kind === "pause" ? void pauseRun(board, run, "test") : endRun(board, run, { status: "cancelled", by: "test" }),
  );
  return start;
}

/** A start whose briefing refers to a result that its own batch was to store, and did not. */
function relyingOn(name: string): Start {
  return { ...startOf(rows, name), relies_on: [{ task_id: taskNamed(rows, "c").id, payload_id: rows.newId() }] };
}
