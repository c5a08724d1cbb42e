import { formatUsd } from "../../platform/money.ts";
import type { BudgetRow, HoldRow, NewEffect } from "./batch.ts";
import { type Board, type BoardEffect, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";

/**
 * Reserves the worst case of each effect of a task on every budget that applies to it, or nothing at all. False when one budget cannot
 * cover the sum: then no effect may be created, and the board says which budget it was. Effects that cost nothing take no hold.
 */
export function reserve(
  board: Board,
  run: BoardRun,
  taskId: string,
  effects: readonly Pick<NewEffect, "id" | "worst_cost_nano">[],
  tries = 1,
): boolean {
  const priced = effects.filter((effect) => effect.worst_cost_nano > 0n);
  if (priced.length === 0) return true;
  const total = priced.reduce((sum, effect) => sum + effect.worst_cost_nano, 0n);
  const budgets = budgetsOf(board, run, taskId);
  const refusing = budgets.find((budget) => !covers(budget, total));
  if (refusing !== undefined) {
    board.shortages.set(run.id, { budget: refusing, needed: total });
    return false;
  }
  for (const budget of budgets) {
    change(board, "budgets", budget).held_nano += total;
    for (const effect of priced) {
      board.inserts.holds.push({
        id: board.newId(),
        workspace_id: run.workspace_id,
        budget_id: budget.id,
        run_id: run.id,
        effect_id: effect.id,
        try: tries,
        amount_nano: effect.worst_cost_nano,
      });
    }
  }
  return true;
}

function covers(budget: BudgetRow, amount: bigint): boolean {
  return budget.limit_nano === null || budget.spent_nano + budget.held_nano + amount <= budget.limit_nano;
}

/**
 * Replaces the holds of an answered effect by its true cost, also when the answer came late. A bill above its hold is booked in full.
 * `cost` null: nobody knows what was billed (no price, or a call broken off), so the whole hold is booked.
 */
export function settle(board: Board, run: BoardRun, task: BoardTask, effect: BoardEffect, cost: bigint | null): void {
  const holds = board.holds.filter((hold) => hold.effect_id === effect.id && hold.try === effect.try && hold.state !== "settled");
  if (holds.length === 0) spendUnheld(board, run, task, cost ?? 0n);
  for (const hold of holds) settleHold(board, hold, cost ?? hold.amount_nano);
  const held = holds[0]?.amount_nano ?? null;
  if (held === null || cost === null || cost <= held) return;
  const amounts = { held_usd: formatUsd(held), cost_usd: formatUsd(cost) };
  record(board, run.id, { type: "hold-exceeded", ...nameTask(task), effect_id: effect.id, ...amounts });
}

/** A bill that nothing was reserved for is still a bill. */
function spendUnheld(board: Board, run: BoardRun, task: BoardTask, cost: bigint): void {
  if (cost === 0n) return;
  for (const budget of budgetsOf(board, run, task.id)) change(board, "budgets", budget).spent_nano += cost;
}

/** A hold that was booked in full at the end of its lease is corrected; a released one never counted. */
function settleHold(board: Board, hold: HoldRow, cost: bigint): void {
  const budget = board.budgets.get(hold.budget_id);
  if (budget === undefined) return;
  change(board, "budgets", budget);
  if (hold.state === "held") budget.held_nano -= hold.amount_nano;
  if (hold.state === "unsettled") budget.spent_nano -= hold.amount_nano;
  budget.spent_nano += cost;
  change(board, "holds", hold).state = "settled";
  hold.settled_nano = cost;
}

/**
 * What a batch has booked on the budgets of its runs: bills, holds of lost leases, and less where a late bill corrected one. All other
 * budgets hold the same once more.
 */
export function measureSpend(before: readonly BudgetRow[], board: Board): bigint {
  const own = before.filter((budget) => budget.scope === "run");
  return own.reduce((sum, { id, spent_nano }) => sum + (board.budgets.get(id)?.spent_nano ?? spent_nano) - spent_nano, 0n);
}

/** The budgets that a task of a run spends from: a hold counts against all of them, or none. */
export function budgetsOf(board: Board, run: BoardRun, taskId: string): BudgetRow[] {
  return [...board.budgets.values()].filter((budget) => applies(budget, run, taskId, board.now.slice(0, 10)));
}

function applies(budget: BudgetRow, run: BoardRun, taskId: string, today: string): boolean {
  switch (budget.scope) {
    case "run":
      return budget.run_id === run.id;
    case "task":
      return budget.task_id === taskId;
    case "workspace":
      return budget.workspace_id === run.workspace_id;
    case "user":
      return budget.workspace_id === run.workspace_id && budget.user_id === run.user_id;
    // Yesterday's may be here too, for the holds that were taken then.
    case "day":
      return (
        budget.workspace_id === run.workspace_id && budget.day === today && (budget.user_id === null || budget.user_id === run.user_id)
      );
  }
}
