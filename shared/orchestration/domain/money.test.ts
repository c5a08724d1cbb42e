import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  changeRows,
  claim,
  commit,
  createRows,
  doneMove,
  effectOf,
  lockAll,
  newEffect,
  type Rows,
  reportOf,
  startOf,
  stepOf,
  taskNamed,
  theRun,
} from "../../../tests/world/rows.ts";
import { openBoard } from "./board.ts";
import { endRun } from "./end-run.ts";
import { healRun } from "./heal-run.ts";
import { budgetsOf, measureSpend, reserve } from "./money.ts";
import { pauseRun, resumeRun } from "./pause-run.ts";

const budgets = (rows: Rows) => [...rows.budgets.values()].map(({ spent_nano, held_nano }) => ({ spent: spent_nano, held: held_nano }));
const both = (spent: bigint, held: bigint) => [
  { spent, held },
  { spent, held },
];

/** What the holds say that each budget's two sums must be. */
function sumsOfHolds(rows: Rows): { spent: bigint; held: bigint }[] {
  return [...rows.budgets.values()].map((budget) => {
    const holds = [...rows.holds.values()].filter((hold) => hold.budget_id === budget.id);
    return {
      spent: holds.reduce((sum, hold) => sum + (hold.settled_nano ?? 0n), 0n),
      held: holds.filter((hold) => hold.state === "held").reduce((sum, hold) => sum + hold.amount_nano, 0n),
    };
  });
}

const NAMES = ["a", "b", "c", "d"];

type Move = { kind: string; pick: number; cost: bigint };

const inState = (rows: Rows, state: string, pick: number) => {
  const found = [...rows.effects.values()].filter((effect) => effect.state === state);
  return found.slice(pick % Math.max(1, found.length)).slice(0, 1);
};

const verbs: Readonly<Record<string, (rows: Rows, move: Move) => void>> = {
  start(rows, { pick, cost }) {
    commit(rows, { starts: [startOf(rows, NAMES[pick % NAMES.length] ?? "", [newEffect(rows, 0, { cost })])] });
  },
  claim(rows, { pick }) {
    for (const effect of inState(rows, "due", pick)) claim(rows, effect.id);
  },
  report(rows, { pick, cost }) {
    for (const effect of inState(rows, "running", pick)) {
      const bill = cost > effect.worst_cost_nano ? effect.worst_cost_nano : cost;
      const next = { kind: "effects" as const, effects: [newEffect(rows, rows.effects.size, { cost })] };
      const move = pick % 3 === 0 ? doneMove(rows) : next;
      const name = rows.tasks.get(effect.task_id)?.name ?? "";
      const step = stepOf(rows, name, [reportOf(rows, effect.id, effect.lease_token ?? "", { cost: bill })], move);
      commit(rows, { steps: [step, step] });
    }
  },
  lose(rows) {
    rows.now += 100_000;
    changeRows(rows, (board, run) => healRun(board, run, 60));
  },
  pause: (rows) => void changeRows(rows, (board, run) => pauseRun(board, run, "test")),
  resume: resumeOrNot,
  cancel(rows, { pick }) {
    if (pick % 7 === 0) changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "test" }));
  },
};

/** A resume that the budget does not cover is refused whole: its transaction rolls back. */
function resumeOrNot(rows: Rows): void {
  const refused = new Error("budget");
  try {
    changeRows(rows, (board, run) => {
      if (resumeRun(board, run, undefined) === "budget") throw refused;
    });
  } catch (error) {
    if (error !== refused) throw error;
  }
}

const moves = fc.array(
  fc.record({
    kind: fc.constantFrom("start", "start", "claim", "claim", "report", "report", "lose", "pause", "resume", "cancel"),
    pick: fc.nat(),
    cost: fc.bigInt({ min: 0n, max: 60n }),
  }),
  { maxLength: 80 },
);

describe("the money of a run, whatever happens to it", () => {
  test("is never more than its limits, and is what its holds say", () => {
    const limits = fc.option(fc.bigInt({ min: 0n, max: 300n }));

    fc.assert(
      fc.property(limits, limits, moves, (limit, workspaceLimit, played) => {
        const rows = createRows({ dependencies: Object.fromEntries(NAMES.map((name) => [name, []])), limit, workspaceLimit });
        for (const move of played) {
          verbs[move.kind]?.(rows, move);
          expect(budgets(rows)).toEqual(sumsOfHolds(rows));
          const values = [...rows.budgets.values()];
          expect(values.filter(({ limit_nano: most, spent_nano, held_nano }) => most !== null && spent_nano + held_nano > most)).toEqual(
            [],
          );
          expect(values.filter(({ held_nano }) => held_nano < 0n)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("is spent to the last nano-dollar when that is exactly what is asked for", () => {
    const rows = createRows({ dependencies: { a: [], b: [], c: [] }, limit: 100n });
    const priced = (name: string, cost: bigint) => startOf(rows, name, [newEffect(rows, 0, { cost })]);

    expect(commit(rows, { starts: [priced("a", 60n), priced("b", 40n), priced("c", 1n)] }).starts).toEqual(["ok", "ok", "budget"]);
    expect(budgets(rows)).toEqual(both(0n, 100n));
  });
});

describe("a hold", () => {
  test("is taken for all effects of a step or for none", () => {
    const rows = createRows({ limit: 100n });
    const effects = [newEffect(rows, 0, { cost: 60n }), newEffect(rows, 1, { cost: 60n })];

    expect(commit(rows, { starts: [startOf(rows, "a", effects)] }).starts).toEqual(["budget"]);
    expect(budgets(rows)).toEqual(both(0n, 0n));
  });

  test("counts against the workspace as well as the run", () => {
    const rows = createRows({ limit: 1_000n, workspaceLimit: 50n });

    expect(commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0, { cost: 51n })])] }).starts).toEqual(["budget"]);
  });

  test("is not taken for what costs nothing, even when nothing is left", () => {
    const rows = createRows({ limit: 0n });

    expect(commit(rows, { starts: [startOf(rows, "a")] }).starts).toEqual(["ok"]);
    expect(rows.holds.size).toBe(0);
  });

  const nothing = { limit_nano: 0n, spent_nano: 0n, held_nano: 0n, running_tasks: 0, max_running_tasks: 1 };
  const blank = { run_id: null, user_id: null, task_id: null, day: null, ...nothing };

  test("is taken on the budgets of the task, the user, and the day of both, or on none at all", () => {
    const rows = createRows({ limit: 100n, dependencies: { a: [], b: [] } });
    const { workspace_id, user_id } = theRun(rows);
    const mine = { ...blank, workspace_id, limit_nano: 100n };
    rows.budgets.set("task", { ...mine, id: "task", scope: "task", task_id: taskNamed(rows, "a").id });
    rows.budgets.set("user", { ...mine, id: "user", scope: "user", user_id });
    rows.budgets.set("day", { ...mine, id: "day", scope: "day", day: "2026-01-01" });
    rows.budgets.set("my-day", { ...mine, id: "my-day", scope: "day", day: "2026-01-01", user_id });
    rows.budgets.set("yesterday", { ...mine, id: "yesterday", scope: "day", day: "2025-12-31", limit_nano: 0n });
    rows.budgets.set("somebody's", { ...mine, id: "somebody's", scope: "user", user_id: rows.newId(), limit_nano: 0n });
    rows.budgets.set("other task", { ...mine, id: "other task", scope: "task", task_id: taskNamed(rows, "b").id, limit_nano: 10n });
    const held = () => [...rows.budgets.values()].filter((row) => row.held_nano > 0n).map((row) => [row.scope, row.held_nano]);

    expect(commit(rows, { starts: [startOf(rows, "b", [newEffect(rows, 0, { cost: 11n })])] }).starts).toEqual(["budget"]);
    expect(held()).toEqual([]);

    expect(commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0, { cost: 40n })])] }).starts).toEqual(["ok"]);
    expect(held()).toEqual(["run", "workspace", "task", "user", "day", "day"].map((scope) => [scope, 40n]));

    // On the next day yesterday's hold is settled where it was taken.
    rows.now += 24 * 3_600_000;
    const effect = effectOf(rows, "a");
    commit(rows, { steps: [stepOf(rows, "a", [reportOf(rows, effect.id, claim(rows, effect.id), { cost: 30n })], doneMove(rows))] });
    expect(held()).toEqual([]);
    expect([...rows.budgets.values()].filter((row) => row.spent_nano === 30n).map((row) => row.id)).toHaveLength(6);
  });

  test("names the budget that could not cover it", () => {
    const rows = createRows({ limit: 100n, workspaceLimit: 5n });

    const { board } = commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0, { cost: 10n })])] });

    expect(board.shortages.get(theRun(rows).id)).toMatchObject({ budget: { scope: "workspace", limit_nano: 5n }, needed: 10n });
  });

  test("is not taken from the budgets of another run or workspace", () => {
    const rows = createRows({ limit: 100n });
    const run = theRun(rows);
    rows.budgets.set("other-run", {
      ...blank,
      id: "other-run",
      workspace_id: run.workspace_id,
      scope: "run",
      run_id: rows.newId(),
    });
    rows.budgets.set("other-workspace", {
      ...blank,
      id: "other-workspace",
      workspace_id: rows.newId(),
      scope: "workspace",
    });

    const { board } = changeRows(rows, (opened, boardRun) =>
      reserve(opened, boardRun, taskNamed(rows, "a").id, [newEffect(rows, 0, { cost: 10n })]),
    );

    expect(board.inserts.holds).toHaveLength(2);
    expect(
      budgetsOf(board, { ...run, result_payload_id: null, started_at: null, finished_at: null }, taskNamed(rows, "a").id).map(
        (budget) => budget.id,
      ),
    ).not.toContain("other-run");
  });
});

describe("a bill", () => {
  const answer = (rows: Rows, cost: bigint | null) => {
    const effect = effectOf(rows, "a");
    return commit(rows, { steps: [stepOf(rows, "a", [reportOf(rows, effect.id, claim(rows, effect.id), { cost })], doneMove(rows))] });
  };
  const begin = (cost: bigint, limit: bigint) => {
    const rows = createRows({ dependencies: { a: [], b: [] }, limit });
    commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0, { cost })])] });
    return rows;
  };

  test("below its hold gives the rest back", () => {
    const rows = begin(100n, 100n);
    answer(rows, 30n);

    expect(budgets(rows)).toEqual(both(30n, 0n));
    expect([...rows.holds.values()].map((hold) => [hold.state, hold.settled_nano])).toEqual([
      ["settled", 30n],
      ["settled", 30n],
    ]);
  });

  test("above its hold is booked in full, said so, and refuses what comes next", () => {
    const rows = begin(100n, 120n);
    answer(rows, 150n);

    expect(budgets(rows)).toEqual(both(150n, 0n));
    expect(rows.facts.filter((fact) => fact.type === "hold-exceeded")).toMatchObject([{ held_usd: "0.0000001", cost_usd: "0.00000015" }]);
    expect(commit(rows, { starts: [startOf(rows, "b", [newEffect(rows, 0, { cost: 1n })])] }).starts).toEqual(["budget"]);
  });

  test("as high as its hold is nothing to speak of", () => {
    const rows = begin(100n, 100n);
    answer(rows, 100n);

    expect(rows.facts.map((fact) => fact.type)).not.toContain("hold-exceeded");
  });

  test("whose price nobody knows is booked as high as its hold, never as nothing", () => {
    const rows = begin(100n, 100n);
    answer(rows, null);

    expect(budgets(rows)).toEqual(both(100n, 0n));
  });

  test("of a call that was broken off may have been made: its hold is booked; one that was refused was not", () => {
    const failed = (code: string) => {
      const rows = begin(100n, 100n);
      const effect = effectOf(rows, "a");
      const outcome = { status: "failed", error: { code, detail: "no", retryable: false } } as const;
      commit(rows, { steps: [stepOf(rows, "a", [reportOf(rows, effect.id, claim(rows, effect.id), { outcome })], doneMove(rows))] });
      return budgets(rows);
    };

    expect(failed("provider-unavailable")).toEqual(both(100n, 0n));
    expect(failed("provider-rejected")).toEqual(both(0n, 0n));
  });

  test("for an effect that was thought to be free is booked all the same", () => {
    const rows = begin(0n, 100n);
    answer(rows, 7n);

    expect(budgets(rows)).toEqual(both(7n, 0n));
  });

  test("counts once as spent, though the workspace's budget holds it as well", () => {
    const rows = begin(100n, 100n);
    const before = structuredClone(lockAll(rows).budgets);

    expect(measureSpend(before, answer(rows, 30n).board)).toBe(30n);
  });

  test("that comes after its try was booked in full corrects what was booked, and what was counted", () => {
    const rows = begin(100n, 1_000n);
    const effect = effectOf(rows, "a");
    const token = claim(rows, effect.id);
    changeRows(rows, (board, run) => endRun(board, run, { status: "cancelled", by: "test" }));
    rows.now += 100_000;
    const unbooked = structuredClone(lockAll(rows).budgets);
    expect(measureSpend(unbooked, changeRows(rows, (board, run) => healRun(board, run, 60)).board)).toBe(100n);
    expect(budgets(rows)).toEqual(both(100n, 0n));
    const booked = structuredClone(lockAll(rows).budgets);

    const late = { steps: [stepOf(rows, "a", [reportOf(rows, effect.id, token, { cost: 30n })], doneMove(rows))] };
    expect(measureSpend(booked, commit(rows, late).board)).toBe(-70n);

    expect(budgets(rows)).toEqual(both(30n, 0n));
    expect(taskNamed(rows, "a").status).toBe("cancelled");
  });
});

test("an empty list of effects needs no budget", () => {
  const rows = createRows({ limit: 0n });
  const board = openBoard(
    { runs: [], attempts: [], effects: [], holds: [], tasks: [], edges: [], descendants: [], budgets: [], agents: [], items: [] },
    {
      now: new Date(rows.now),
      newId: rows.newId,
    },
  );

  expect(reserve(board, { ...theRun(rows), result_payload_id: null, started_at: null, finished_at: null }, rows.newId(), [])).toBe(true);
});
