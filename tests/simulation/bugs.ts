import type { Mutant } from "../mutants/mutant.ts";

/**
 * A change of one place that the simulation must find, and whether it takes conductors that commit at the same time to see it: what is read,
 * decided and committed in one transaction is never overtaken where there is only one connection.
 */
export type Bug = Pick<Mutant, "name" | "file" | "find" | "replace"> & { readonly needsPostgres?: boolean };

const domain = (name: string) => `shared/orchestration/domain/${name}.ts`;

export const bugs: readonly Bug[] = [
  {
    name: "attempt guard: a step decided from an old journal lands",
    file: domain("judge-steps"),
    find: "attempt.version !== step.version || ",
    replace: "",
    needsPostgres: true,
  },
  {
    name: "epoch guard: a step decided before a pause and a resume lands",
    file: domain("judge-steps"),
    find: "run.epoch !== step.epoch || ",
    replace: "",
    needsPostgres: true,
  },
  {
    name: "double decrement: a parent counts twice for its child",
    file: domain("judge-tasks"),
    find: 'if (child !== undefined) change(board, "tasks", child).pending_dependencies -= 1;',
    replace: 'if (child !== undefined) change(board, "tasks", child).pending_dependencies = Math.max(0, child.pending_dependencies - 2);',
  },
  {
    name: "lost outbox: an effect whose message was lost is never sent again",
    file: domain("heal-run"),
    find: " && isSendOverdue(effect, board.now, lookSeconds)) sendAgain(board, effect);",
    replace: " && effect.try < 0 && isSendOverdue(effect, board.now, lookSeconds)) sendAgain(board, effect);",
  },
  {
    name: "lease from dispatch: a lease begins when its effect was created",
    file: "shared/orchestration/sql/claim-effects.ts",
    find: "lease_until = $2::timestamptz + make_interval(secs => $3)\n        WHERE id IN (SELECT id FROM free)",
    replace: "lease_until = created_at + make_interval(secs => $3)\n        WHERE id IN (SELECT id FROM free)",
  },
  {
    name: "unordered locks: who changes a run has the budget of its workspace before it has the run",
    file: "shared/orchestration/commit/change-run.ts",
    find: "if (!(await lockRun(db, runId))) return undefined;",
    replace: `await db.query("SELECT id FROM budgets WHERE scope = 'workspace' ORDER BY id FOR NO KEY UPDATE", []);
    if (!(await lockRun(db, runId))) return undefined;`,
    needsPostgres: true,
  },
  {
    name: "hold released twice: one that was booked or given back already is taken off once more",
    file: domain("money"),
    find: 'if (hold.state === "held") budget.held_nano -= hold.amount_nano;',
    replace: "budget.held_nano -= hold.amount_nano;",
  },
  {
    name: "late result accepted: an answer to a run that has ended moves it on",
    file: domain("judge-steps"),
    find: 'if (hasEnded(run) || attempt.status !== "running") {',
    replace: "if (attempt.version < 0) {",
  },
];
