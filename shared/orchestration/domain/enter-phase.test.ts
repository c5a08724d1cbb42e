import { describe, expect, test } from "vitest";
import { changeRows, createRows, type Rows, theAgent, theRun } from "../../../tests/world/rows.ts";
import { planOf } from "../../../tests/world/scripted-hands.ts";
import type { RunRow } from "./batch.ts";
import { enterPhase, type Phase } from "./enter-phase.ts";
import { layOutPlan } from "./lay-out-plan.ts";

const runIn = (run: Partial<RunRow>) => createRows({ dependencies: {}, run: { phase_token: null, open_tasks: 1, ...run } });
const enter = (rows: Rows, phase: Phase, token = "new", agentId: string | undefined = theAgent(rows).id) =>
  changeRows(rows, (board, run) => enterPhase(board, run, phase, token, { agentId }));
const error = { code: "task-failed", detail: "it failed", retryable: false };

/** What enters a phase with the plan that a caller gave, in a pool of one agent or of none. */
function given(rows: Rows, dependencies: Readonly<Record<string, readonly string[]>>, agents: 0 | 1 = 1) {
  const one = { ...theAgent(rows), role: "executor", capabilities: [], model: "default" };
  const pool = agents === 1 ? [one] : [];
  return {
    agentId: undefined,
    givenPlan: () => layOutPlan(planOf(dependencies), pool, rows.newId, { now: new Date(rows.now).toISOString() }),
  };
}

describe("a phase", () => {
  test("begins the run, with the one task that it needs", () => {
    const rows = runIn({ status: "pending", phase: "plan" });
    const { answer, board } = enter(rows, "plan");

    expect(answer).toEqual({ kind: "begun" });
    expect(theRun(rows)).toMatchObject({ status: "running", phase: "plan", phase_token: "new" });
    expect(board.inserts.tasks).toMatchObject([{ kind: "planner", ordinal: 0, agent_id: theAgent(rows).id }]);
    expect(rows.facts).toEqual([{ type: "phase-started", phase: "plan" }]);
  });

  test.each<[RunRow["phase"], Phase, string[]]>([
    ["plan", "execute", []],
    ["execute", "review", ["critic"]],
    ["review", "summarize", ["summarizer"]],
  ])("after %s is %s, with an empty debt", (before, phase, kinds) => {
    const rows = runIn({ phase: before, phase_due: { kind: "success", output: {} } });
    const { answer, board } = enter(rows, phase);

    expect(answer).toEqual({ kind: "begun" });
    expect(theRun(rows)).toMatchObject({ phase, phase_due: null });
    expect(board.inserts.tasks.map((task) => task.kind)).toEqual(kinds);
  });

  test("of planning asks nobody when the plan came with the goal: its tasks are stored, and its end is due", () => {
    const rows = runIn({ status: "pending", phase: "plan", plan_version: 0 });
    const { answer, board } = changeRows(rows, (opened, run) => enterPhase(opened, run, "plan", "new", given(rows, { a: [], b: ["a"] })));

    const due = { kind: "success", output: {} };
    expect(answer).toEqual({ kind: "owed", due });
    expect(theRun(rows)).toMatchObject({ phase: "plan", open_tasks: 2, plan_version: 1, phase_due: due });
    expect(board.inserts.tasks.map(({ kind, ordinal }) => [kind, ordinal])).toEqual([
      ["executor", 1],
      ["executor", 2],
    ]);
    expect(rows.facts.map(({ type }) => type)).toEqual(["phase-started", "plan-stored"]);
  });

  test("of planning fails when no agent can do what the given plan requires", () => {
    const rows = runIn({ status: "pending", phase: "plan", plan_version: 0, open_tasks: 0 });
    const { answer } = changeRows(rows, (board, run) => enterPhase(board, run, "plan", "new", given(rows, { a: [] }, 0)));

    expect(answer).toMatchObject({ kind: "owed", due: { kind: "failure", error: { code: "no-agent" } } });
    expect(theRun(rows)).toMatchObject({ error: { code: "no-agent" }, open_tasks: 0 });
  });

  test("tells a plan of very many tasks in pieces that a reader can take in", () => {
    const rows = runIn({ status: "pending", phase: "plan", plan_version: 0 });
    const many = Object.fromEntries(Array.from({ length: 1_200 }, (_, index) => [`t${index}`, index === 0 ? [] : [`t${index - 1}`]]));
    changeRows(rows, (board, run) => enterPhase(board, run, "plan", "new", given(rows, many)));

    const told = rows.facts.flatMap((fact) => (fact.type === "plan-stored" ? [fact.tasks] : []));
    expect(told.map((tasks) => tasks.length)).toEqual([500, 500, 200]);
    expect(told[1]?.[0]).toMatchObject({ ordinal: 501, depends_on: [500] });
  });

  test("of a plan with nothing left to do ends where it begins: well, or with what the run ran into", () => {
    const rows = runIn({ phase: "plan", open_tasks: 0, phase_due: { kind: "success", output: {} } });
    expect(enter(rows, "execute").answer).toEqual({ kind: "owed", due: { kind: "success", output: {} } });
    expect(theRun(rows)).toMatchObject({ phase: "execute", phase_due: { kind: "success" } });

    expect(enter(runIn({ phase: "plan", open_tasks: 0, error, phase_due: { kind: "success", output: {} } }), "execute").answer).toEqual({
      kind: "owed",
      due: { kind: "failure", error },
    });
  });

  test("that goes on takes the newer token and begins nothing twice", () => {
    const rows = runIn({ phase: "execute", phase_token: "old" });
    const { answer, board } = enter(rows, "execute");

    expect(answer).toEqual({ kind: "waiting" });
    expect(theRun(rows).phase_token).toBe("new");
    expect([board.inserts.tasks, rows.facts]).toEqual([[], []]);
  });

  test("whose end is due already is answered at once", () => {
    const rows = runIn({ phase: "execute", phase_due: { kind: "failure", error } });

    expect(enter(rows, "execute").answer).toEqual({ kind: "owed", due: { kind: "failure", error } });
  });

  test("that is past gets the answer it missed, and the token of the one that goes on stays", () => {
    const rows = runIn({ phase: "review", phase_token: "current" });

    expect(enter(rows, "plan").answer).toEqual({ kind: "owed", due: { kind: "success", output: { approved: true } } });
    expect(theRun(rows).phase_token).toBe("current");
  });

  test("of a run that has none, because it is the call of one tool, begins nothing", () => {
    const rows = runIn({ phase: "call" });
    const { answer, board } = enter(rows, "plan");

    expect(answer).toMatchObject({ kind: "owed" });
    expect([board.inserts.tasks, rows.facts, theRun(rows).phase]).toEqual([[], [], "call"]);
  });

  test("without an agent for it fails, and says which agent is missing", () => {
    const rows = runIn({ phase: "execute", phase_due: { kind: "success", output: {} } });
    const { answer, board } = changeRows(rows, (opened, run) => enterPhase(opened, run, "review", "new", { agentId: undefined }));
    const due = { kind: "failure", error: { code: "no-agent", detail: "The workspace has no critic agent", retryable: false } };

    expect(answer).toEqual({ kind: "owed", due });
    expect(theRun(rows).phase_due).toEqual(due);
    expect(board.inserts.tasks).toEqual([]);
  });

  test("begins while its run is paused, and leaves it paused", () => {
    const rows = runIn({ status: "paused", phase: "plan", phase_due: { kind: "success", output: {} } });

    expect(enter(rows, "execute").answer).toEqual({ kind: "begun" });
    expect(theRun(rows).status).toBe("paused");
  });
});

describe("a run that is to be planned again", () => {
  const replan = { kind: "success", output: { approved: false, replan: true } };
  const replans = [{ cause: "rejection" as const, detail: "the sum is wrong" }];
  const toPlanAgain = () => runIn({ phase: "review", phase_due: replan, replans_left: 2, replans });

  test("goes back to planning, and has spent a replan", () => {
    const rows = toPlanAgain();
    const { answer, board } = enter(rows, "plan");

    expect(answer).toEqual({ kind: "begun" });
    expect(theRun(rows)).toMatchObject({ phase: "plan", phase_due: null, phase_token: "new", replans_left: 1 });
    expect(board.inserts.tasks).toMatchObject([{ kind: "planner", name: "Plan again" }]);
  });

  test("spends it once, however often the message comes", () => {
    const rows = toPlanAgain();
    enter(rows, "plan");

    expect(enter(rows, "plan", "newer").answer).toEqual({ kind: "waiting" });
    expect(theRun(rows)).toMatchObject({ phase_token: "newer", replans_left: 1 });
  });

  test("is not summarized instead, nor begun by a message of the plan before that comes late", () => {
    const rows = toPlanAgain();
    expect(enter(rows, "summarize").answer).toEqual({ kind: "waiting" });
    enter(rows, "plan", "current");

    for (const phase of ["execute", "review"] as const) expect(enter(rows, phase, "old").answer).toEqual({ kind: "waiting" });
    expect(theRun(rows)).toMatchObject({ phase: "plan", phase_token: "current" });
  });
});

describe("a run that has ended owes", () => {
  test("success when it completed", () => {
    expect(enter(runIn({ status: "completed", phase: "end" }), "summarize").answer).toMatchObject({ due: { kind: "success" } });
  });

  test("its error when it failed", () => {
    expect(enter(runIn({ status: "failed", phase: "end", error }), "review").answer).toEqual({
      kind: "owed",
      due: { kind: "failure", error },
    });
  });

  test("a failure that says so when it was cancelled", () => {
    expect(enter(runIn({ status: "cancelled", phase: "end" }), "execute").answer).toMatchObject({
      due: { kind: "failure", error: { code: "cancelled", detail: "The run is cancelled" } },
    });
  });

  test("nothing but an answer: it begins no phase", () => {
    const rows = runIn({ status: "cancelled", phase: "end" });
    enter(rows, "plan");

    expect(rows.facts).toEqual([]);
    expect(theRun(rows).status).toBe("cancelled");
  });
});
