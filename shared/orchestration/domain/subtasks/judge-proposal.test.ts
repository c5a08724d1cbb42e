import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPlanFaults } from "../../../agents/domain/validate-plan.ts";
import type { JsonObject } from "../../../platform/json.ts";
import { type Ground, judgeProposal, refusePrice } from "./judge-proposal.ts";

const TOOLS = ["read_file", "write_file"];
const GROUND: Ground = {
  subtask_depth: 0,
  max_depth: 2,
  is_divided: false,
  is_finishing: false,
  tasks: 4,
  contract: null,
  parents: [{ id: "p", ordinal: 3 }],
  budgets: [{ scope: "run", left_nano: 100n }],
};
const subtask = (id: string, more: JsonObject = {}): JsonObject => ({ id, name: id, description: `Do ${id}`, ...more });
const codeOf = (subtasks: JsonObject[], ground: Partial<Ground> = {}, isAlone = true) => {
  const judged = judgeProposal({ subtasks }, { ...GROUND, ...ground }, TOOLS, isAlone);
  return judged.ok ? "ok" : judged.error.code;
};

describe("a proposal of subtasks", () => {
  test("is given what its task was given, beside what it depends on itself", () => {
    const judged = judgeProposal(
      { subtasks: [subtask("x"), subtask("y", { dependencies: ["x", "done-3"] })], notes: "n" },
      GROUND,
      TOOLS,
      true,
    );

    expect(judged).toMatchObject({ ok: true, proposed: { notes: "n" } });
    expect(judged.ok && judged.proposed.tasks.map(({ dependencies }) => dependencies)).toEqual([["done-3"], ["x", "done-3"]]);
  });

  test("may fill its run up, and no more", () => {
    expect(codeOf([subtask("x"), subtask("y")], { tasks: 9_998 })).toBe("ok");
    expect(codeOf([subtask("x"), subtask("y")], { tasks: 9_999 })).toBe("subtasks-run-full");
  });

  test.for<[string, string, Partial<Ground>]>([
    ["nobody may divide", "subtasks-off", { max_depth: 0 }],
    ["the task lies as deep as one may", "subtasks-too-deep", { subtask_depth: 2 }],
    ["the task was divided", "subtasks-divided-before", { is_divided: true }],
    ["the run is to end", "subtasks-finishing", { is_finishing: true }],
    ["the task has a budget of its own", "subtasks-task-budget", { budgets: [{ scope: "task", left_nano: 1_000n }] }],
    ["a person approved other files", "subtasks-outside-contract", { contract: { approved_sha256: "", tools: TOOLS, files: ["b.md"] } }],
  ])("is refused where %s: %s", ([, code, ground]) => {
    expect(codeOf([subtask("x", { description: "Write a.md" })], ground)).toBe(code);
  });

  test("is refused beside another call, whatever is in it", () => {
    expect(codeOf([subtask("x")], {}, false)).toBe("subtasks-not-alone");
  });

  test("may cost what every budget has left", () => {
    expect(refusePrice(100n, GROUND)).toBeUndefined();
    expect(refusePrice(101n, GROUND)).toMatchObject({
      error: { code: "subtasks-over-budget", detail: expect.stringContaining("run's budget has $0.0000001 left") },
    });
    expect(refusePrice(0n, { ...GROUND, budgets: [{ scope: "day", left_nano: -5n }] })).toBeUndefined();
  });

  test("is accepted just when it is a plan that can be carried out, whatever a model says", () => {
    const ids = fc.constantFrom("x", "y", "z", "done-3", "done-9", "");
    const said = fc.record(
      {
        id: fc.oneof(ids, fc.constant(7)),
        name: fc.constantFrom("n", ""),
        description: fc.constant("d"),
        dependencies: fc.array(ids, { maxLength: 3 }),
        required_capabilities: fc.array(fc.constantFrom("read_file", "magic"), { maxLength: 1 }),
        complexity: fc.constantFrom("low", "absurd"),
      },
      { requiredKeys: ["id", "name", "description"] },
    );
    fc.assert(
      fc.property(fc.array(said, { maxLength: 12 }), fc.boolean(), (subtasks, isAlone) => {
        const judged = judgeProposal({ subtasks }, GROUND, TOOLS, isAlone);
        const error = judged.ok ? null : judged.error;
        const tasks = judged.ok ? judged.proposed.tasks.map((task) => ({ ...task, estimated_duration_seconds: 1 })) : [];
        const limits = { tasks: 10, depth: 10, edges: 200 };
        expect(error?.code ?? "subtasks-").toMatch(/^subtasks-/);
        expect(error?.detail).not.toBe("");
        expect(judged.ok && isAlone).toBe(judged.ok);
        expect(tasks.length).toBe(judged.ok ? subtasks.length : 0);
        expect(tasks.every(({ dependencies }) => dependencies.includes("done-3"))).toBe(true);
        expect(judged.ok ? findPlanFaults({ tasks, risks: [] }, TOOLS, limits, ["done-3"]) : []).toEqual([]);
      }),
    );
  });
});
