import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attemptOf,
  carryThrough,
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
import type { Report, Step } from "./batch.ts";

/** Up to eight tasks; each depends on some of those before it. */
const dags = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 8 })
  .map((rows) =>
    Object.fromEntries(
      rows.map((picks, index) => [`t${index}`, index === 0 ? [] : [...new Set(picks.map((pick) => `t${pick % index}`))]] as const),
    ),
  );

const actions = fc.array(fc.record({ kind: fc.constantFrom("start", "crowd", "claim", "report", "forge", "repeat"), pick: fc.nat() }), {
  maxLength: 120,
});

type Game = {
  rows: Rows;
  dependencies: Readonly<Record<string, readonly string[]>>;
  failing: ReadonlySet<string>;
  /** Reports that were delivered before, with the steps they came in. */
  delivered: Step[];
};

const inState = (rows: Rows, state: string, pick: number) => {
  const found = [...rows.effects.values()].filter((effect) => effect.state === state);
  return found.slice(pick % Math.max(1, found.length)).slice(0, 1);
};

const verbs: Readonly<Record<string, (game: Game, pick: number) => void>> = {
  start({ rows, dependencies }, pick) {
    const names = Object.keys(dependencies);
    commit(rows, { starts: [startOf(rows, names[pick % names.length] ?? "")] });
  },
  // Everybody at once, each twice.
  crowd({ rows, dependencies }) {
    const names = Object.keys(dependencies);
    commit(rows, { starts: [...names, ...names].map((name) => startOf(rows, name)) });
  },
  claim({ rows }, pick) {
    for (const effect of inState(rows, "due", pick)) claim(rows, effect.id);
  },
  report({ rows, dependencies, delivered, failing }, pick) {
    for (const effect of inState(rows, "running", pick)) {
      const step = answer(rows, failing, effect.task_id, [reportOf(rows, effect.id, effect.lease_token ?? "")]);
      delivered.push(step);
      // Twice in one batch, and with the starts of all children that it may make ready.
      commit(rows, { steps: [step, step], starts: Object.keys(dependencies).map((name) => startOf(rows, name)) });
    }
  },
  forge({ rows, failing }, pick) {
    for (const effect of inState(rows, "running", pick)) {
      commit(rows, { steps: [answer(rows, failing, effect.task_id, [reportOf(rows, effect.id, rows.newId())])] });
    }
  },
  repeat({ rows, delivered }, pick) {
    const step = delivered[pick % Math.max(1, delivered.length)];
    if (step !== undefined) commit(rows, { steps: [step] });
  },
};

function play(game: Game, kind: string, pick: number): void {
  verbs[kind]?.(game, pick);
}

/** One or two effects a task, one after the other; then it is done, or fails for good. */
function answer(rows: Rows, failing: ReadonlySet<string>, taskId: string, reports: Report[]): Step {
  const { name, ordinal } = rows.tasks.get(taskId) ?? taskNamed(rows, taskId);
  const answered = [...rows.effects.values()].filter((effect) => effect.task_id === taskId).length;
  if (answered <= ordinal % 2) return stepOf(rows, name, reports, { kind: "effects", effects: [newEffect(rows, answered)] });
  return stepOf(rows, name, reports, failing.has(name) ? failedMove("task-failed") : doneMove(rows));
}

/** Where each task began and completed in the log, in order. */
function timesOf(rows: Rows, type: "task-started" | "task-completed"): [name: string, place: number][] {
  return rows.facts.flatMap((fact, place) => (fact.type === type ? [[fact.name, place] as [string, number]] : []));
}

/** What must hold after every single commit. */
function check({ rows, dependencies }: Game): void {
  const started = timesOf(rows, "task-started");
  const completed = new Map(timesOf(rows, "task-completed"));
  expect(new Set(started.map(([name]) => name)).size).toBe(started.length);
  expect(completed.size).toBe(timesOf(rows, "task-completed").length);
  const early = started.filter(([name, place]) =>
    (dependencies[name] ?? []).some((parent) => !((completed.get(parent) ?? Infinity) < place)),
  );
  expect(early).toEqual([]);
  const agent = theAgent(rows);
  const running = [...rows.attempts.values()].filter((attempt) => attempt.status === "running");
  expect(agent.current_task_count).toBe(running.length);
  expect(agent.current_task_count).toBeLessThanOrEqual(agent.max_concurrent_tasks);
  const executors = [...rows.tasks.values()].filter((task) => task.kind === "executor");
  expect(theRun(rows).open_tasks).toBe(executors.filter((task) => task.status === "pending" || task.status === "in_progress").length);
  for (const task of executors) {
    const open = (dependencies[task.name] ?? []).filter((parent) => !completed.has(parent));
    expect(task.pending_dependencies).toBe(open.length);
  }
}

function playOut(game: Game): void {
  const count = Object.keys(game.dependencies).length;
  for (let round = 0; round < count * 8 && theRun(game.rows).open_tasks > 0; round += 1) {
    for (const kind of ["crowd", "claim", "claim", "report"]) play(game, kind, round);
  }
}

describe("a run under any order of starts, claims and reports, doubled, repeated and forged", () => {
  test("starts no task before its parents completed, completes each once and ends", () => {
    fc.assert(
      fc.property(dags, fc.integer({ min: 1, max: 3 }), actions, (dependencies, capacity, moves) => {
        const game: Game = { rows: createRows({ dependencies, capacity }), dependencies, delivered: [], failing: new Set() };
        for (const { kind, pick } of moves) {
          play(game, kind, pick);
          check(game);
        }
        playOut(game);
        check(game);

        expect([...game.rows.tasks.values()].filter((task) => task.kind === "executor" && task.status !== "completed")).toEqual([]);
        expect(theRun(game.rows).phase_due).toEqual({ kind: "success", output: {} });
      }),
      { numRuns: 150 },
    );
  });

  test("cancels exactly what depends on a failed task, and carries out the rest", () => {
    fc.assert(
      fc.property(dags, fc.nat(), actions, (dependencies, failPick, moves) => {
        const names = Object.keys(dependencies);
        const failing = names[failPick % names.length] ?? "";
        const game: Game = { rows: createRows({ dependencies }), dependencies, delivered: [], failing: new Set([failing]) };
        for (const { kind, pick } of moves) play(game, kind, pick);
        playOut(game);

        const expected = names.map((name) => [name, fate(dependencies, failing, name)]);
        expect([...game.rows.tasks.values()].filter((task) => task.kind === "executor").map((task) => [task.name, task.status])).toEqual(
          expected,
        );
        expect(theRun(game.rows).phase_due).toMatchObject({ kind: "failure", error: { code: "task-failed" } });
        expect(theAgent(game.rows).current_task_count).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

function fate(dependencies: Game["dependencies"], failing: string, name: string): string {
  if (name === failing) return "failed";
  const reaches = (from: string): boolean => (dependencies[from] ?? []).some((parent) => parent === failing || reaches(parent));
  return reaches(name) ? "cancelled" : "completed";
}

describe("a batch", () => {
  test("begins a task in the commit that completes what it waited for", () => {
    const rows = createRows({ dependencies: { a: [], b: ["a"] } });
    commit(rows, { starts: [startOf(rows, "a")] });
    const effect = effectOf(rows, "a");
    const report = reportOf(rows, effect.id, claim(rows, effect.id));

    const { steps, starts } = commit(rows, { steps: [stepOf(rows, "a", [report], doneMove(rows))], starts: [startOf(rows, "b")] });

    expect([steps, starts]).toEqual([["ok"], ["ok"]]);
    expect(taskNamed(rows, "b").status).toBe("in_progress");
  });

  test("gives the room that a task leaves to one that waits for it", () => {
    const rows = createRows({ dependencies: { a: [], b: [] }, capacity: 1 });
    commit(rows, { starts: [startOf(rows, "a")] });
    const full = commit(rows, { starts: [startOf(rows, "b")] });
    const effect = effectOf(rows, "a");
    const report = reportOf(rows, effect.id, claim(rows, effect.id));
    const freed = commit(rows, { steps: [stepOf(rows, "a", [report], doneMove(rows))], starts: [startOf(rows, "b")] });

    expect([full.starts, freed.starts]).toEqual([["capacity"], ["ok"]]);
  });

  test("counts the second of two steps of one attempt as overtaken, though both pass the guard on the locked row", () => {
    const rows = createRows({ dependencies: { a: [] } });
    commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0), newEffect(rows, 1)])] });
    const [first, second] = [...rows.effects.values()];
    const steps = [first, second].map((effect) => {
      const report = reportOf(rows, effect?.id ?? "", claim(rows, effect?.id ?? ""));
      return stepOf(rows, "a", [report], { kind: "effects", effects: [] });
    });

    expect(commit(rows, { steps }).steps).toEqual(["ok", "moved-on"]);
    expect(attemptOf(rows, "a").version).toBe(2);
  });

  test("records for a finished plan one task-completed each, in the order of completion", () => {
    const rows = createRows({ dependencies: { a: [], b: ["a"] } });
    carryThrough(rows, "a");
    carryThrough(rows, "b");

    expect(rows.facts.map((fact) => fact.type)).toEqual([
      "task-started",
      "effect-answered",
      "task-completed",
      "task-started",
      "effect-answered",
      "task-completed",
    ]);
  });
});
