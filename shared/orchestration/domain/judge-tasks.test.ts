import { beforeEach, describe, expect, test } from "vitest";
import {
  carryThrough,
  createRows,
  failedMove,
  payload,
  type Rows,
  type RowsOptions,
  taskNamed,
  theAgent,
  theRun,
} from "../../../tests/world/rows.ts";
import type { JsonValue } from "../../platform/json.ts";
import type { Move, NewTask, RunRow, TaskRow } from "./batch.ts";

let rows: Rows;

/** A run in the phase of one kind of task, with that one task. */
function beginPhase(kind: TaskRow["kind"], phase: RunRow["phase"], options: RowsOptions = {}): void {
  rows = createRows({ dependencies: { it: [] }, ...options, run: { phase, ...options.run } });
  rows.tasks.set(taskNamed(rows, "it").id, { ...taskNamed(rows, "it"), kind, ordinal: 0 });
}

const done = (result: JsonValue, plan: NewTask[] | null = null): Move => ({ kind: "done", result: payload(rows, result), plan });
const due = () => theRun(rows).phase_due;

describe("a planner that is done", () => {
  beforeEach(() => beginPhase("planner", "plan", { run: { open_tasks: 0, plan_version: 0 } }));

  const planned = (name: string, ordinal: number, depends_on: string[]): NewTask => ({
    id: rows.newId(),
    kind: "executor",
    ordinal,
    name,
    description: "",
    complexity: "low",
    required_capabilities: [],
    depends_on,
    estimated_duration_seconds: 1,
    policy: {},
    fallback_strategy: "",
    agent_id: theAgent(rows).id,
  });

  test("stores its tasks under the goal, counts them as open, raises the plan's version and ends the phase", () => {
    const first = planned("first", 1, []);
    const second = planned("second", 2, [first.id]);
    const { board } = carryThrough(rows, "it", done({ tasks: 2 }, [first, second]));

    expect(board.inserts.tasks.map((task) => [task.name, task.parent_task_id])).toEqual([
      ["first", theRun(rows).root_task_id],
      ["second", theRun(rows).root_task_id],
    ]);
    expect(taskNamed(rows, "second").pending_dependencies).toBe(1);
    expect(theRun(rows)).toMatchObject({ open_tasks: 2, plan_version: 1, phase_due: { kind: "success", output: {} } });
  });

  test("tells the plan by ordinals", () => {
    const first = planned("first", 1, []);
    carryThrough(rows, "it", done({ tasks: 2 }, [first, planned("second", 2, [first.id])]));

    expect(rows.facts.at(-1)).toMatchObject({
      type: "plan-stored",
      tasks: [
        { ordinal: 1, depends_on: [] },
        { ordinal: 2, depends_on: [1] },
      ],
    });
  });

  test("fails the phase when it fails, and stores nothing", () => {
    carryThrough(rows, "it", failedMove("invalid-answer"));

    expect(due()).toEqual({ kind: "failure", error: { code: "invalid-answer", detail: "it was invalid-answer", retryable: false } });
    expect(rows.tasks.size).toBe(2);
  });
});

describe("the last executor task", () => {
  test("ends the phase, and none before it does", () => {
    rows = createRows({ dependencies: { a: [], b: [] } });
    carryThrough(rows, "a");
    expect(due()).toBeNull();
    carryThrough(rows, "b");

    expect(due()).toEqual({ kind: "success", output: {} });
  });

  test("ends the phase with the failure of another", () => {
    rows = createRows({ dependencies: { a: [], b: [] } });
    carryThrough(rows, "a", failedMove("task-failed"));
    expect(due()).toBeNull();
    carryThrough(rows, "b");

    expect(due()).toMatchObject({ kind: "failure", error: { detail: "Task 1 (a): it was task-failed" } });
  });
});

describe("a task between two that failed", () => {
  test("is cancelled once", () => {
    rows = createRows({ dependencies: { a: [], b: [], c: ["a", "b"] } });
    carryThrough(rows, "a", failedMove("task-failed"));
    carryThrough(rows, "b", failedMove("task-failed"));

    expect(rows.facts.filter((fact) => fact.type === "task-cancelled")).toHaveLength(1);
    expect(theRun(rows).open_tasks).toBe(0);
  });
});

describe("a critic", () => {
  const review = (approved: boolean, issues: string[] = []) => ({
    approved,
    overall_score: 5,
    issues: issues.map((description) => ({ severity: "high", category: "result", description, location: "", suggestion: "" })),
    strengths: [],
  });
  beforeEach(() => beginPhase("critic", "review"));

  test("that approves lets the run go on", () => {
    carryThrough(rows, "it", done(review(true, ["a blemish"])));

    expect(due()).toEqual({ kind: "success", output: { approved: true } });
    expect(theRun(rows).error).toBeNull();
  });

  test("that rejects fails the run with everything it found", () => {
    carryThrough(rows, "it", done(review(false, ["a sum is wrong", "a file is missing"])));

    expect(due()).toEqual({
      kind: "failure",
      error: { code: "rejected-by-critic", detail: "a sum is wrong; a file is missing", retryable: false },
    });
  });

  test("that rejects without a reason is quoted as having given none", () => {
    carryThrough(rows, "it", done(review(false)));

    expect(due()).toMatchObject({ error: { detail: "The critic gave no reason" } });
  });
});

describe("a call from outside", () => {
  beforeEach(() => {
    rows = createRows({ dependencies: { it: [] }, run: { phase: "call", phase_token: null, open_tasks: 0 } });
    const task = taskNamed(rows, "it");
    rows.tasks.set(task.id, { ...task, kind: "call", ordinal: 0 });
    // The call is the root of its run: nobody set a goal.
    rows.tasks.delete(theRun(rows).root_task_id);
    rows.runs.set(theRun(rows).id, { ...theRun(rows), root_task_id: task.id });
  });
  const typesOf = () => rows.facts.map((fact) => fact.type);

  test("ends its run with its output, in the same commit, and leaves no memory", () => {
    const { board } = carryThrough(rows, "it", done({ bytes: 3 }));

    expect(theRun(rows)).toMatchObject({ status: "completed", phase: "end", phase_due: null, open_tasks: 0, error: null });
    expect(board.runs.get(theRun(rows).id)?.result_payload_id).toBe(board.tasks.get(theRun(rows).root_task_id)?.result_payload_id);
    expect(rows.episodes).toEqual([]);
    expect(typesOf()).toEqual(["task-started", "effect-answered", "task-completed", "run-completed"]);
  });

  test("that failed fails its run with the tool's own error", () => {
    carryThrough(rows, "it", failedMove("timeout"));

    const error = { code: "timeout", detail: "it was timeout", retryable: false };
    expect(theRun(rows)).toMatchObject({ status: "failed", phase: "end", phase_due: null, error });
    expect(taskNamed(rows, "it").status).toBe("failed");
    expect(rows.facts.at(-1)).toEqual({ type: "run-failed", error });
  });

  test("is tried again when its error says that it may help, and once", () => {
    carryThrough(rows, "it", failedMove("internal", true));
    expect(theRun(rows).status).toBe("running");
    carryThrough(rows, "it", failedMove("internal", true));

    expect(theRun(rows).status).toBe("failed");
    expect(typesOf().filter((type) => type === "task-started")).toHaveLength(2);
  });
});

describe("a summarizer that is done", () => {
  beforeEach(() => beginPhase("summarizer", "summarize"));

  test("completes run and goal with its result and leaves one memory of both", () => {
    const { board } = carryThrough(rows, "it", done({ summary: "All is well", key_points: ["one", "two"], confidence: 1 }));

    expect(theRun(rows)).toMatchObject({ status: "completed", phase: "end", phase_due: { kind: "success", output: {} } });
    expect(taskNamed(rows, "goal").status).toBe("completed");
    expect(board.runs.get(theRun(rows).id)?.result_payload_id).toBe(board.tasks.get(theRun(rows).root_task_id)?.result_payload_id);
    expect(rows.episodes.map((episode) => episode.content)).toEqual(["Goal: a goal\nOutcome: All is well\n- one\n- two"]);
    expect(rows.facts.at(-1)).toMatchObject({ type: "run-completed" });
  });
});
