import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../../tests/world/scripted-hands.ts";
import type { Plan } from "../contract.ts";
import { findCycle, findPlanFaults, levelsOf, PLAN_LIMITS, validatePlan } from "./validate-plan.ts";

const TOOLS = ["read_file", "write_file"];

/** Acyclic plans: each task depends on some of those before it; listed in any order. */
const plans = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 }).chain((rows) => {
  const dependencies = rows.map((picks, index) => (index === 0 ? [] : [...new Set(picks.map((pick) => `t${pick % index}`))]));
  const order = fc.shuffledSubarray(
    rows.map((_, index) => index),
    { minLength: rows.length },
  );
  return order.map((indexes) => planOf(Object.fromEntries(indexes.map((index) => [`t${index}`, dependencies[index] ?? []]))));
});

function withTask(plan: Plan, id: string, change: (task: Plan["tasks"][number]) => Plan["tasks"][number]): Plan {
  return { ...plan, tasks: plan.tasks.map((task) => (task.id === id ? change(task) : task)) };
}

const addDependency = (plan: Plan, id: string, dependency: string) =>
  withTask(plan, id, (task) => ({ ...task, dependencies: [...task.dependencies, dependency] }));

describe("a plan", () => {
  test("that is a DAG is accepted, in whatever order its tasks stand", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        expect(validatePlan(plan, TOOLS)).toEqual([]);
      }),
    );
  });

  test("with a cycle anywhere is refused with the tasks along it", () => {
    fc.assert(
      fc.property(plans, fc.nat(), (plan, pick) => {
        const [from, to] = edgeOf(plan, pick);
        fc.pre(from !== undefined && to !== undefined);
        // `from` depends on `to`; the other way round closes a circle.
        const problems = validatePlan(addDependency(plan, to ?? "", from ?? ""), TOOLS);

        expect(problems).toHaveLength(1);
        const path = /^The dependencies form a cycle: (.*)$/.exec(problems[0] ?? "")?.[1]?.split(" → ") ?? [];
        expect(path.length).toBeGreaterThan(2);
        expect(path[0]).toBe(path.at(-1));
        const closed = addDependency(plan, to ?? "", from ?? "");
        for (const [index, id] of path.slice(0, -1).entries()) {
          expect(closed.tasks.find((task) => task.id === id)?.dependencies).toContain(path[index + 1]);
        }
      }),
    );
  });

  test("that names a task which is not in it is refused", () => {
    fc.assert(
      fc.property(plans, fc.nat(), (plan, pick) => {
        const { id } = plan.tasks[pick % plan.tasks.length] ?? { id: "" };

        expect(validatePlan(addDependency(plan, id, "ghost"), TOOLS)).toEqual([
          `Task "${id}" depends on "ghost", which is not in the plan`,
        ]);
      }),
    );
  });

  test("with a task that depends on itself is refused", () => {
    expect(validatePlan(planOf({ a: ["a"] }), TOOLS)).toEqual(['Task "a" depends on itself']);
  });

  test("that names a dependency twice is refused", () => {
    expect(validatePlan(planOf({ a: [], b: ["a", "a"] }), TOOLS)).toEqual(['Task "b" names the dependency "a" more than once']);
  });

  test("that uses an id twice is refused", () => {
    const plan = planOf({ a: [], b: [] });

    expect(validatePlan({ ...plan, tasks: [...plan.tasks, ...plan.tasks.slice(0, 1)] }, TOOLS)).toEqual([
      'Task id "a" is used more than once',
    ]);
  });

  test("that requires a tool which does not exist is refused with those that do", () => {
    const plan = withTask(planOf({ a: [] }), "a", (task) => ({ ...task, required_capabilities: ["read_file", "fly"] }));

    expect(validatePlan(plan, TOOLS)).toEqual(['Task "a" requires "fly"; the tools are: read_file, write_file']);
  });

  test("with everything wrong at once is told everything", () => {
    const plan = withTask(planOf({ a: ["a", "x", "x"] }), "a", (task) => ({ ...task, required_capabilities: ["fly"] }));

    expect(validatePlan(plan, TOOLS)).toEqual([
      'Task "a" names the dependency "x" more than once',
      'Task "a" depends on itself',
      'Task "a" depends on "x", which is not in the plan',
      'Task "a" depends on "x", which is not in the plan',
      'Task "a" requires "fly"; the tools are: read_file, write_file',
    ]);
  });

  test.each([
    [PLAN_LIMITS.tasks, []],
    [PLAN_LIMITS.tasks + 1, ["The plan has 201 tasks; at most 200 are allowed"]],
  ])("of %i tasks", (size, problems) => {
    const plan = planOf(Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, []])));

    expect(validatePlan(plan, TOOLS)).toEqual(problems);
  });

  test.each([
    [PLAN_LIMITS.depth, []],
    [PLAN_LIMITS.depth + 1, ["The plan is 51 levels deep; at most 50 are allowed"]],
  ])("of %i levels", (depth, problems) => {
    const chain = Array.from({ length: depth }, (_, index) => [`t${index}`, index === 0 ? [] : [`t${index - 1}`]] as const);

    expect(validatePlan(planOf(Object.fromEntries(chain)), TOOLS)).toEqual(problems);
  });

  test("may call its tasks what objects call their own members", () => {
    const [a, b] = planOf({ a: [], b: ["a"] }).tasks;
    if (a === undefined || b === undefined) throw new Error("no plan");
    const tasks = [
      { ...a, id: "__proto__" },
      { ...b, id: "constructor", dependencies: ["__proto__"] },
    ];

    expect(validatePlan({ tasks, risks: [] }, TOOLS)).toEqual([]);
  });
});

describe("a fault of a plan", () => {
  const limits = { tasks: 10_000, depth: 10_000, edges: 50_000 };
  const pointersOf = (plan: Plan, within = limits) => findPlanFaults(plan, TOOLS, within).map(({ pointer }) => pointer);

  test.each<[string, Plan, string[]]>([
    ["a dependency that is not there", planOf({ a: [], b: ["a", "ghost"] }), ["#/tasks/1/dependencies/1"]],
    ["a dependency named twice", planOf({ a: [], b: ["a", "a"] }), ["#/tasks/1/dependencies/1"]],
    ["a task that waits for itself", planOf({ a: [], b: ["b"] }), ["#/tasks/1/dependencies/0"]],
    ["a circle", planOf({ a: [], b: ["a", "c"], c: ["b"] }), ["#/tasks/1/dependencies"]],
    [
      "a tool that is not there",
      withTask(planOf({ a: [] }), "a", (task) => ({ ...task, required_capabilities: ["read_file", "fly"] })),
      ["#/tasks/0/required_capabilities/1"],
    ],
  ])("says where it stands: %s", (_, plan, pointers) => {
    expect(pointersOf(plan)).toEqual(pointers);
  });

  test("says where an id stands again", () => {
    const plan = planOf({ a: [], b: [] });
    expect(pointersOf({ ...plan, tasks: [...plan.tasks, ...plan.tasks.slice(0, 1)] })).toEqual(["#/tasks/2/id"]);
  });

  test("is having more dependencies than anybody needs", () => {
    expect(pointersOf(planOf({ a: [], b: [], c: ["a", "b"] }), { ...limits, edges: 1 })).toEqual(["#/tasks"]);
  });

  test("is not being long: a chain of 10,000, first to last or last to first, is a plan, and closed to a circle it is none", () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `t${index}`);
    const chain = Object.fromEntries(ids.map((id, index) => [id, index === 0 ? [] : [`t${index - 1}`]]));
    const backwards = planOf(Object.fromEntries(Object.entries(chain).toReversed()));

    expect(pointersOf(planOf(chain))).toEqual([]);
    expect(pointersOf(backwards)).toEqual([]);
    expect(levelsOf(backwards).get("t9999")).toBe(9_999);
    expect(findCycle(addDependency(backwards, "t0", "t9999"))).toHaveLength(10_001);
    expect(pointersOf(addDependency(backwards, "t0", "t9999"))).toEqual(["#/tasks/0/dependencies"]);
  });
});

describe("the level of a task", () => {
  test("is one more than that of its deepest dependency", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const levels = levelsOf(plan);
        for (const task of plan.tasks) {
          expect(levels.get(task.id)).toBe(Math.max(-1, ...task.dependencies.map((id) => levels.get(id) ?? Number.NaN)) + 1);
        }
        expect(findCycle(plan)).toBeUndefined();
      }),
    );
  });
});

/** One edge of a plan: a task and one it depends on. */
function edgeOf(plan: Plan, pick: number): [string?, string?] {
  const edges = plan.tasks.flatMap((task) => task.dependencies.map((dependency) => [task.id, dependency] as const));
  const edge = edges[pick % Math.max(1, edges.length)];
  return edge === undefined ? [] : [edge[0], edge[1]];
}
