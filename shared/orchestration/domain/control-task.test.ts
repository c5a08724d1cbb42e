import { describe, expect, test } from "vitest";
import {
  attemptOf,
  carryThrough,
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
import { cancelTask, pauseTask, refuseControl, resumeTask } from "./control-task.ts";
import { healRun } from "./heal-run.ts";
import { pauseRun, resumeRun } from "./pause-run.ts";
import { askForPlan } from "./plan-contract/ask-for-plan.ts";

const cancel = (rows: Rows, name: string, isAnyCompleted = true) =>
  changeRows(rows, (board, run) => {
    const task = board.tasks.get(taskNamed(rows, name).id);
    if (task !== undefined) cancelTask(board, run, task, { by: "somebody", subtasks: [], isAnyCompleted });
  });
const pause = (rows: Rows, name: string) =>
  changeRows(rows, (board, run) => {
    const task = board.tasks.get(taskNamed(rows, name).id);
    return task === undefined ? undefined : pauseTask(board, run, task, "somebody");
  }).answer;
const resume = (rows: Rows, name: string) =>
  changeRows(rows, (board, run) => {
    const task = board.tasks.get(taskNamed(rows, name).id);
    return task === undefined ? undefined : resumeTask(board, run, task, "somebody");
  });
const statuses = (rows: Rows) => [...rows.tasks.values()].flatMap((task) => (task.kind === "goal" ? [] : [`${task.name} ${task.status}`]));
const budgets = (rows: Rows) => [...rows.budgets.values()].map(({ spent_nano, held_nano }) => [spent_nano, held_nano]);
const start = (rows: Rows, name: string, cost = 0n) => commit(rows, { starts: [startOf(rows, name, [newEffect(rows, 0, { cost })])] });

describe("a task that is cancelled", () => {
  test("takes what depends on it with it, at any distance, and leaves the rest alone", () => {
    const rows = createRows({ dependencies: { a: [], b: ["a"], c: ["b"], d: [], e: ["d"] } });
    start(rows, "a");
    start(rows, "d");

    cancel(rows, "a");

    expect(statuses(rows)).toEqual(["a cancelled", "b cancelled", "c cancelled", "d in_progress", "e pending"]);
    expect(theRun(rows)).toMatchObject({ status: "running", open_tasks: 2, phase_due: null, error: null });
    expect(rows.facts.flatMap((fact) => (fact.type === "task-cancelled" ? [`${fact.name}: ${fact.reason}`] : []))).toEqual([
      "a: by somebody",
      "b: task 1 was cancelled",
      "c: task 1 was cancelled",
    ]);
    expect(theAgent(rows).current_task_count).toBe(1);
  });

  test("gives back what nobody claimed, and books what was under way when it reports late", () => {
    const rows = createRows({ dependencies: { a: [], b: [] }, limit: 1_000n });
    const effects = [newEffect(rows, 0, { cost: 100n }), newEffect(rows, 1, { cost: 10n })];
    commit(rows, { starts: [startOf(rows, "a", effects)] });
    const [first, second] = effects.map(({ id }) => id);
    const token = claim(rows, first ?? "");
    const before = stepOf(rows, "a", [reportOf(rows, first ?? "", token, { cost: 60n })], doneMove(rows));

    cancel(rows, "a");

    expect([first, second].map((id) => rows.effects.get(id ?? "")?.state)).toEqual(["running", "cancelled"]);
    expect(budgets(rows)).toEqual([
      [0n, 100n],
      [0n, 100n],
    ]);
    expect(commit(rows, { steps: [before] }).steps).toEqual(["late"]);
    expect(rows.effects.get(first ?? "")?.state).toBe("late");
    expect(statuses(rows)).toEqual(["a cancelled", "b pending"]);
    expect(budgets(rows)).toEqual([
      [60n, 0n],
      [60n, 0n],
    ]);
  });

  test("is not carried out again when the lease of what was under way ends", () => {
    const rows = createRows({ dependencies: { a: [], b: [] } });
    start(rows, "a");
    const { id } = effectOf(rows, "a");
    claim(rows, id);
    cancel(rows, "a");

    rows.now += 100_000;
    const { board } = changeRows(rows, (board, run) => healRun(board, run, 60));

    expect(rows.effects.get(id)).toMatchObject({ state: "cancelled", try: 1 });
    expect(board.resends.size).toBe(0);
  });

  test("as the last one of a plan that waits for its approval leaves nothing to approve: the run goes on with what completed before", () => {
    const rows = createRows({ dependencies: { a: [], b: [], c: [] } });
    carryThrough(rows, "a");
    const terms = { sha256: "0".repeat(64), tools: [], files: [], subject: { because: "plan" } };
    changeRows(rows, (board, run) => askForPlan(board, run, terms));

    cancel(rows, "b");
    expect(theRun(rows)).toMatchObject({ status: "paused", pause_reason: "plan" });
    cancel(rows, "c");

    expect(theRun(rows)).toMatchObject({ status: "running", pause_reason: null, phase_due: { kind: "success" } });
  });

  test("as the last one ends its phase: well when anything was completed, else the run has come to nothing", () => {
    const some = createRows({ dependencies: { a: [], b: [] } });
    carryThrough(some, "a");
    cancel(some, "b");
    expect(theRun(some)).toMatchObject({ open_tasks: 0, phase_due: { kind: "success" }, error: null });

    const none = createRows({ dependencies: { a: [], b: ["a"] } });
    cancel(none, "a", false);
    expect(theRun(none)).toMatchObject({ open_tasks: 0, phase_due: { kind: "failure", error: { code: "task-cancelled" } } });
  });

  test("beside one that failed leaves the failure to be what the run ends with", () => {
    const rows = createRows({ dependencies: { a: [], b: [] } });
    carryThrough(rows, "a", failedMove("impossible"));
    cancel(rows, "b", false);

    expect(theRun(rows)).toMatchObject({ phase_due: { kind: "failure", error: { code: "impossible" } } });
  });
});

describe("a task that is paused", () => {
  test("before it began does not begin, while the others do, and begins when it is resumed", () => {
    const rows = createRows({ dependencies: { a: [], b: [] } });
    expect(pause(rows, "a")).toBe("paused");

    expect(commit(rows, { starts: [startOf(rows, "a"), startOf(rows, "b")] }).starts).toEqual(["not-ready", "ok"]);
    expect(resume(rows, "a").answer).toBe("resumed");
    expect(start(rows, "a").starts).toEqual(["ok"]);
  });

  test("keeps an answer that was under way, overtakes what was decided before, and takes no next step", () => {
    const rows = createRows({ limit: 1_000n });
    start(rows, "a", 100n);
    const { id } = effectOf(rows, "a");
    const reports = [reportOf(rows, id, claim(rows, id), { cost: 60n })];
    const before = stepOf(rows, "a", reports, doneMove(rows));
    pause(rows, "a");

    expect(commit(rows, { steps: [before] }).steps).toEqual(["moved-on"]);
    expect(commit(rows, { steps: [stepOf(rows, "a", reports, doneMove(rows))] }).steps).toEqual(["paused"]);
    expect(rows.effects.get(id)?.state).toBe("done");
    expect(budgets(rows)[0]).toEqual([60n, 0n]);
    expect(statuses(rows)).toEqual(["a in_progress"]);

    resume(rows, "a");
    expect(commit(rows, { steps: [stepOf(rows, "a", [], doneMove(rows))] }).steps).toEqual(["ok"]);
    expect(statuses(rows)).toEqual(["a completed"]);
  });

  test("parks what nobody claimed with its hold, and sends it when it is resumed", () => {
    const rows = createRows({ limit: 1_000n });
    start(rows, "a", 100n);
    const { id } = effectOf(rows, "a");

    pause(rows, "a");
    expect(rows.effects.get(id)?.state).toBe("parked");
    expect(budgets(rows)[0]).toEqual([0n, 100n]);

    const { board } = resume(rows, "a");
    expect(rows.effects.get(id)?.state).toBe("due");
    expect([...board.resends]).toEqual([id]);
    expect(budgets(rows)[0]).toEqual([0n, 100n]);
  });

  test("stays paused when its run is paused and resumed, and when its lost effect is healed", () => {
    const rows = createRows({ dependencies: { a: [], b: [] } });
    start(rows, "a");
    start(rows, "b");
    const { id } = effectOf(rows, "a");
    claim(rows, id);
    pause(rows, "a");

    rows.now += 100_000;
    changeRows(rows, (board, run) => healRun(board, run, 60));
    expect(rows.effects.get(id)).toMatchObject({ state: "parked", try: 2 });
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));
    changeRows(rows, (board, run) => resumeRun(board, run, undefined));

    expect([rows.effects.get(id)?.state, effectOf(rows, "b").state]).toEqual(["parked", "due"]);
  });

  test("and resumed while its run is paused waits for the run", () => {
    const rows = createRows();
    start(rows, "a");
    const { id } = effectOf(rows, "a");
    pause(rows, "a");
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));

    expect(resume(rows, "a").answer).toBe("resumed");
    expect(rows.effects.get(id)?.state).toBe("parked");
    changeRows(rows, (board, run) => resumeRun(board, run, undefined));
    expect(rows.effects.get(id)?.state).toBe("due");
  });

  test("has as much time left for its attempt as when it was paused, whatever its run does meanwhile", () => {
    const rows = createRows({ dependencies: { a: [] } });
    const task = taskNamed(rows, "a");
    rows.tasks.set(task.id, { ...task, policy: { timeout_seconds: 60 } });
    start(rows, "a");
    rows.now += 20_000;
    pause(rows, "a");
    expect(attemptOf(rows, "a")).toMatchObject({ deadline_at: null, remaining_ms: 40_000 });

    rows.now += 1_000_000;
    changeRows(rows, (board, run) => pauseRun(board, run, "test"));
    changeRows(rows, (board, run) => resumeRun(board, run, undefined));
    expect(attemptOf(rows, "a")).toMatchObject({ deadline_at: null, remaining_ms: 40_000 });

    changeRows(rows, (board, run) => pauseRun(board, run, "test"));
    resume(rows, "a");
    expect(attemptOf(rows, "a")).toMatchObject({ deadline_at: null, remaining_ms: 40_000 });

    changeRows(rows, (board, run) => resumeRun(board, run, undefined));
    expect(attemptOf(rows, "a")).toMatchObject({ deadline_at: new Date(rows.now + 40_000).toISOString(), remaining_ms: null });
    pause(rows, "a");
    rows.now += 5_000;
    resume(rows, "a");
    expect(attemptOf(rows, "a").deadline_at).toBe(new Date(rows.now + 40_000).toISOString());
  });

  test("is refused its resumption by a budget that does not cover what it waits for, and nothing has changed", () => {
    const rows = createRows({ limit: 100n });
    start(rows, "a", 100n);
    const { id } = effectOf(rows, "a");
    claim(rows, id);
    pause(rows, "a");
    rows.now += 100_000;
    changeRows(rows, (board, run) => healRun(board, run, 60));
    changeRows(rows, (board, run) => resumeRun(board, run, undefined));
    const before = structuredClone(attemptOf(rows, "a"));

    expect(resume(rows, "a").answer).toBe("budget");
    expect(rows.effects.get(id)?.state).toBe("parked");
    expect(taskNamed(rows, "a").is_paused).toBe(true);
    expect(attemptOf(rows, "a")).toEqual(before);
  });

  test("is not paused twice, nor one that is not paused resumed", () => {
    const rows = createRows();
    expect(resume(rows, "a").answer).toBe("not-paused");
    pause(rows, "a");
    expect(pause(rows, "a")).toBe("paused-already");
  });
});

test("what has ended, or belongs to its run as a whole, is refused with its reason", () => {
  const rows = createRows({ dependencies: { a: [], b: [] } });
  carryThrough(rows, "a");
  const refusal = (name: string) =>
    changeRows(rows, (board, run) => {
      const task = board.tasks.get(taskNamed(rows, name).id);
      return task === undefined ? "no task" : refuseControl(run, task);
    }).answer;

  expect(refusal("a")).toBe("The task is completed already");
  expect(refusal("b")).toBeUndefined();
  expect(refusal("goal")).toContain("belongs to its run as a whole");
  rows.runs.set(theRun(rows).id, { ...theRun(rows), status: "failed" });
  expect(refusal("b")).toBe("The run is failed already");
});
