import { formatUsd } from "../../platform/money.ts";
import { type Board, type BoardRun, change, record } from "./board.ts";
import { reserve } from "./money.ts";

/** Stops a run from going on: effects that nobody has claimed are parked with their holds, answers under way are still taken in. */
export function pauseRun(board: Board, run: BoardRun, reason: string): boolean {
  if (run.status !== "running") return false;
  change(board, "runs", run).status = "paused";
  run.epoch += 1;
  for (const effect of board.effects.values()) {
    if (effect.run_id === run.id && effect.state === "due") change(board, "effects", effect).state = "parked";
  }
  record(board, run.id, { type: "run-paused", reason });
  return true;
}

/** Lets a paused run go on, with its budget raised to `limit` where one is given. Parked effects are due again under the new epoch. */
export function resumeRun(board: Board, run: BoardRun, limit: bigint | undefined): "resumed" | "not-paused" | "budget" {
  if (run.status !== "paused") return "not-paused";
  const budget = [...board.budgets.values()].find((row) => row.scope === "run" && row.run_id === run.id);
  if (limit !== undefined && budget !== undefined) {
    if (budget.spent_nano + budget.held_nano > limit) return "budget";
    change(board, "budgets", budget).limit_nano = limit;
  }
  const parked = [...board.effects.values()].filter((effect) => effect.run_id === run.id && effect.state === "parked");
  for (const effect of parked) {
    const isHeld = board.holds.some((hold) => hold.effect_id === effect.id && hold.try === effect.try && hold.state === "held");
    if (!isHeld && !reserve(board, run, effect.task_id, [effect], effect.try)) return "budget";
  }
  change(board, "runs", run).status = "running";
  run.epoch += 1;
  for (const effect of parked) {
    change(board, "effects", effect).state = "due";
    effect.sends = 1;
    effect.sent_at = board.now;
    board.resends.add(effect.id);
  }
  record(board, run.id, { type: "run-resumed", budget_usd: limit === undefined ? null : formatUsd(limit) });
  return "resumed";
}
