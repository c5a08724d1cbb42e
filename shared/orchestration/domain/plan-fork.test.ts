import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ForkedTask, planFork } from "./plan-fork.ts";

const nothing = { paid_nano: 0n, held_nano: 0n };
const taskOf = (id: string, depends_on: string[] = [], more: Partial<ForkedTask> = {}): ForkedTask => ({
  id,
  ordinal: 1,
  name: id,
  status: "completed",
  has_result: true,
  depends_on,
  subtask_of: null,
  paid_nano: 6n,
  held_nano: 10n,
  once: [],
  writes: [],
  ...more,
});
const ids = (tasks: readonly ForkedTask[]) => tasks.map(({ id }) => id);
const edit = (task_id: string, gives_result = false) => ({ task_id, gives_result });

/** A plan without a cycle: each task depends on some of those before it. */
const plans = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom("completed", "completed", "completed", "failed", "cancelled"), fc.boolean()), {
    minLength: 1,
    maxLength: 12,
  })
  .map((seeds) =>
    seeds.map(([bits, status, erased], index) =>
      taskOf(
        `t${index}`,
        Array.from({ length: index }, (_, parent) => parent).flatMap((parent) => ((bits >> parent) & 1 ? [`t${parent}`] : [])),
        {
          status: status as ForkedTask["status"],
          has_result: status === "completed" && !(erased && bits % 5 === 0),
        },
      ),
    ),
  );

describe("a fork", () => {
  const diamond = [taskOf("a"), taskOf("b", ["a"]), taskOf("c", ["a"]), taskOf("d", ["b", "c"]), taskOf("e")];

  test("carries out the edited task and everything downstream of it, and reuses the rest", () => {
    const plan = planFork(diamond, nothing, edit("b"));

    expect({ reused: ids(plan.reused), rerun: ids(plan.rerun), given: plan.given }).toEqual({
      reused: ["a", "c", "e"],
      rerun: ["b", "d"],
      given: null,
    });
  });

  test("whose edited task is given its result carries out what is downstream only", () => {
    const plan = planFork(diamond, nothing, edit("a", true));

    expect({ reused: ids(plan.reused), rerun: ids(plan.rerun), given: plan.given?.id }).toEqual({
      reused: ["e"],
      rerun: ["b", "c", "d"],
      given: "a",
    });
  });

  test("carries out what has no result to be used, because it failed, was cancelled or was erased, with all that depends on it", () => {
    const tasks = [
      taskOf("erased", [], { has_result: false }),
      taskOf("child", ["erased"]),
      taskOf("failed", [], { status: "failed", has_result: false }),
      taskOf("cancelled", ["failed"], { status: "cancelled", has_result: false }),
      taskOf("edited"),
      taskOf("kept"),
    ];
    const plan = planFork(tasks, nothing, edit("edited"));

    expect(ids(plan.reused)).toEqual(["kept"]);
    expect(ids(plan.rerun)).toEqual(["erased", "child", "failed", "cancelled", "edited"]);
    expect(ids(plan.unproven)).toEqual(["failed", "cancelled"]);
  });

  test("divides every plan: nothing that is reused or given depends on what is carried out, and each task is in one set", () => {
    fc.assert(
      fc.property(plans, fc.nat(), fc.boolean(), (tasks, pick, givesResult) => {
        const target = tasks[pick % tasks.length]?.id ?? "";
        const plan = planFork(tasks, nothing, edit(target, givesResult));
        const [reused, rerun] = [new Set(ids(plan.reused)), new Set(ids(plan.rerun))];
        const given = plan.given === null ? [] : [plan.given.id];

        expect([...reused, ...rerun, ...given].length).toBe(tasks.length);
        expect(givesResult ? given : [...rerun].filter((id) => id === target)).toEqual([target]);
        expect(plan.reused.filter((task) => task.status !== "completed" || !task.has_result)).toEqual([]);
        const isFresh = (task: ForkedTask) => task.depends_on.some((id) => rerun.has(id) || given.includes(id));
        expect(plan.reused.filter(isFresh)).toEqual([]);
      }),
    );
  });

  test("costs between what these tasks cost last time, with review and summary, and what their calls were held for", () => {
    const rest = { paid_nano: 100n, held_nano: 500n };
    const tasks = [
      taskOf("a", [], { paid_nano: 6n, held_nano: 10n }),
      taskOf("b", ["a"], { paid_nano: 30n, held_nano: 20n }),
      taskOf("c", ["b"], { status: "failed", has_result: false, paid_nano: 0n, held_nano: 5n }),
      taskOf("dear", [], { paid_nano: 1n, held_nano: 70n }),
    ];

    // `b` was billed more than it was held for; `c` never completed, so it may cost as much as the dearest task.
    expect(planFork(tasks, rest, edit("a"))).toMatchObject({ low_nano: 136n, high_nano: 500n + 10n + 30n + 70n });
    expect(planFork(tasks, rest, edit("c", true))).toMatchObject({ low_nano: 100n, high_nano: 500n });
  });

  test("tells what may happen twice, and drops files that only tasks which are carried out again have written", () => {
    const once = [{ effect_id: "effect", seq: 3, tool: "send_mail" }];
    const tasks = [
      taskOf("a", [], { writes: ["shared.md", "a.md"], once }),
      taskOf("b", ["a"], { writes: ["shared.md", "b.md"], once }),
      taskOf("c", [], { writes: ["c.md"] }),
    ];
    const plan = planFork(tasks, nothing, edit("b"));

    expect(plan.repeated.map(({ task, ...effect }) => [task.id, effect])).toEqual([["b", once[0]]]);
    expect(plan.dropped_files).toEqual(["b.md"]);
  });
});

describe("a fork of a run in which a task was divided", () => {
  const part = (id: string, of: string, depends_on: string[], more: Partial<ForkedTask> = {}) =>
    taskOf(id, depends_on, { subtask_of: of, ...more });
  // b was divided into x and y, and y into z.
  const divided = [
    taskOf("a"),
    taskOf("b", ["a", "x", "y"]),
    taskOf("c", ["b"]),
    part("x", "b", ["a"], { writes: ["x.md"] }),
    part("y", "b", ["a", "x", "z"], { writes: ["y.md"] }),
    part("z", "y", ["a", "x"]),
  ];
  const sets = (edited: string, gives_result = false, tasks = divided) => {
    const plan = planFork(tasks, nothing, edit(edited, gives_result));
    return {
      reused: ids(plan.reused),
      rerun: ids(plan.rerun),
      left_out: ids(plan.left_out),
      dropped: plan.dropped_files,
      low: plan.low_nano,
    };
  };

  test("reuses it with its subtasks, when only what follows it is edited", () => {
    expect(sets("c")).toEqual({ reused: ["a", "b", "x", "y", "z"], rerun: ["c"], left_out: [], dropped: [], low: 6n });
  });

  test("finishes it from the results of its subtasks, when one of them is edited", () => {
    expect(sets("z")).toEqual({ reused: ["a", "x"], rerun: ["b", "c", "y", "z"], left_out: [], dropped: ["y.md"], low: 24n });
    // y was given another result of x, so it may be divided otherwise; b was given nothing else than before.
    expect(sets("x")).toEqual({ reused: ["a"], rerun: ["b", "c", "x", "y"], left_out: ["z"], dropped: ["x.md", "y.md"], low: 30n });
  });

  test("begins it anew without its subtasks, when it or what it was given is edited, and counts what they cost", () => {
    expect(sets("b")).toEqual({ reused: ["a"], rerun: ["b", "c"], left_out: ["x", "y", "z"], dropped: ["x.md", "y.md"], low: 30n });
    expect(sets("a")).toEqual({ reused: [], rerun: ["a", "b", "c"], left_out: ["x", "y", "z"], dropped: ["x.md", "y.md"], low: 36n });
  });

  test("has no use for its subtasks when it is given its result, and keeps what they wrote", () => {
    expect(sets("b", true)).toEqual({ reused: ["a"], rerun: ["c"], left_out: ["x", "y", "z"], dropped: [], low: 6n });
  });

  test("goes on with it where it waited", () => {
    const waiting = divided.map((task) =>
      ["b", "c", "y"].includes(task.id) ? { ...task, status: "cancelled" as const, has_result: false } : task,
    );

    expect(sets("c", false, waiting)).toMatchObject({ reused: ["a", "x", "z"], rerun: ["b", "c", "y"], left_out: [] });
  });
});
