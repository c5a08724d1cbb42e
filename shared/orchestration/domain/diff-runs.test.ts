import { describe, expect, test } from "vitest";
import type { RunDiff } from "../contracts/diff.ts";
import { type ComparedRun, type ComparedTask, diffRuns } from "./diff-runs.ts";

const brief = { model: "local:one", prompt: "executor 1", variables: "v", inputs: "i" };
const taskOf = (name: string, more: Partial<ComparedTask> = {}): ComparedTask => ({
  id: `left ${name}`,
  kind: "executor",
  ordinal: 1,
  name,
  description: `Do ${name}`,
  status: "completed",
  forked_from: null,
  depends_on: [],
  result: "r",
  cost_nano: 1_000_000_000n,
  duration_ms: 100,
  brief,
  effects: [
    { seq: 0, request: "asked", result: "said" },
    { seq: 1, request: "called", result: "done" },
  ],
  ...more,
});
const runOf = (tasks: ComparedTask[], more: Partial<ComparedRun> = {}): ComparedRun => ({
  id: "left",
  status: "completed",
  spent_nano: 3_000_000_000n,
  duration_ms: 1_000,
  verdict: { approved: true, score: 9 },
  tasks,
  ...more,
});

const plan = () => [
  taskOf("Plan", { kind: "planner", ordinal: 0 }),
  taskOf("a"),
  taskOf("b", { ordinal: 2, depends_on: [1] }),
  taskOf("Review", { kind: "critic", ordinal: 0 }),
];
/** The same run once more, with one thing changed in one task. */
function diffWith(name: string, change: Partial<ComparedTask>): RunDiff {
  const right = plan().map((task) => ({ ...task, id: `right ${task.name}`, ...(task.name === name ? change : {}) }));
  return diffRuns(runOf(plan()), runOf(right, { id: "right" }));
}

describe("two runs", () => {
  test("that are the same differ nowhere", () => {
    const diff = diffWith("a", {});

    expect(diff).toMatchObject({
      first_divergence: null,
      cost_delta_usd: "0",
      duration_delta_ms: 0,
      verdict_changed: false,
      only_left: [],
      only_right: [],
    });
    expect(diff.tasks.map(({ name, changes }) => [name, changes])).toEqual([
      ["Plan", []],
      ["a", []],
      ["b", []],
      ["Review", []],
    ]);
  });

  test.each<[string, Partial<ComparedTask>]>([
    ["description", { description: "Do something else" }],
    ["depends_on", { depends_on: [] }],
    ["model", { brief: { ...brief, model: "local:other" } }],
    ["prompt", { brief: { ...brief, prompt: "executor 2" } }],
    ["variables", { brief: { ...brief, variables: "w" } }],
    ["inputs", { brief: { ...brief, inputs: "j" } }],
    ["status", { status: "failed" }],
    ["result", { result: "s" }],
  ])("with one change, of %s, differ just there", (change, values) => {
    const diff = diffWith("b", values);

    expect(diff.first_divergence).toMatchObject({ name: "b", ordinal: 2, changes: [change], seq: null });
    expect(diff.tasks.flatMap(({ name, changes }) => changes.map((one) => `${name} ${one}`))).toEqual([`b ${change}`]);
  });

  test.each([
    [
      "request",
      [
        { seq: 0, request: "asked", result: "said" },
        { seq: 1, request: "called otherwise", result: "done" },
      ],
    ],
    [
      "result",
      [
        { seq: 0, request: "asked", result: "said" },
        { seq: 1, request: "called", result: "not done" },
      ],
    ],
    ["missing", [{ seq: 0, request: "asked", result: "said" }]],
  ] as const)("with one effect whose %s differs name it", (differs, effects) => {
    expect(diffWith("a", { effects }).first_divergence).toEqual({ kind: "executor", ordinal: 1, name: "a", changes: [], seq: 1, differs });
  });

  test("say what they cost, how long they took and what the critic said, right less left", () => {
    const right = plan().map((task) => ({ ...task, id: `right ${task.name}`, cost_nano: 250_000_000n, duration_ms: null }));
    const diff = diffRuns(
      runOf(plan()),
      runOf(right, { id: "right", spent_nano: 1_000_000_000n, duration_ms: 1_500, verdict: { approved: false, score: 2 } }),
    );

    expect(diff).toMatchObject({ cost_delta_usd: "-2", duration_delta_ms: 500, verdict_changed: true });
    expect(diff.tasks[1]).toMatchObject({ cost_delta_usd: "-0.75", duration_delta_ms: null });
  });

  test("are compared task by task: a fork with its origin whatever it is called, and what only one has is listed", () => {
    const left = runOf([taskOf("a"), taskOf("gone", { ordinal: 2 })]);
    const right = runOf([
      taskOf("new", { id: "right new", ordinal: 2 }),
      taskOf("renamed", { id: "right a", forked_from: "left a", brief: null, effects: [], description: "Do a" }),
    ]);
    const diff = diffRuns(left, right);

    expect(diff.tasks.map(({ left_task_id, right_task_id, changes }) => [left_task_id, right_task_id, changes])).toEqual([
      ["left a", "right a", []],
    ]);
    // The reused one was not asked anew, so nothing of its effects differs.
    expect(diff.first_divergence).toBeNull();
    expect([diff.only_left.map(({ name }) => name), diff.only_right.map(({ name }) => name)]).toEqual([["gone"], ["new"]]);
  });
});
