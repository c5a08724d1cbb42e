import { formatUsd } from "../../platform/money.ts";
import { type Board, type BoardAttempt, type BoardEffect, type BoardRun, change, record } from "./board.ts";
import { reserve } from "./money.ts";
import { isUnapproved } from "./plan-contract/plan-contract.ts";

/**
 * Stops a run from going on: effects that nobody has claimed are parked with their holds, answers under way are still taken in. One that
 * waits for a budget begins no task, but carries out what it has paid for, and goes on with the tasks that it has begun as far as the money
 * goes.
 */
export function pauseRun(board: Board, run: BoardRun, reason: string): boolean {
  if (run.status !== "running") return false;
  change(board, "runs", run).status = "paused";
  run.epoch += 1;
  run.pause_reason = reason === "budget" || reason === "plan" ? reason : "person";
  if (run.pause_reason !== "budget") parkUnclaimed(board, run);
  stopClocks(board, (attempt) => attempt.run_id === run.id);
  record(board, run.id, { type: "run-paused", reason });
  return true;
}

function parkUnclaimed(board: Board, run: BoardRun): void {
  for (const effect of board.effects.values()) {
    if (effect.run_id === run.id && effect.state === "due") change(board, "effects", effect).state = "parked";
  }
}

/**
 * Lets a paused run go on, with its budget raised to `limit` where one is given. Parked effects are due again under the new epoch, but for
 * those that wait for a person; what the run itself asked is answered by this.
 */
export function resumeRun(board: Board, run: BoardRun, limit: bigint | undefined): "resumed" | "not-paused" | "unapproved" | "budget" {
  if (run.status !== "paused") return "not-paused";
  if (run.pause_reason === "plan" && isUnapproved(run)) return "unapproved";
  const budget = [...board.budgets.values()].find((row) => row.scope === "run" && row.run_id === run.id);
  if (limit !== undefined && budget !== undefined) {
    if (budget.spent_nano + budget.held_nano > limit) return "budget";
    change(board, "budgets", budget).limit_nano = limit;
  }
  const parked = listParked(board).filter((effect) => effect.run_id === run.id && !isTaskPaused(board, effect));
  for (const effect of parked) {
    const isHeld = board.holds.some((hold) => hold.effect_id === effect.id && hold.try === effect.try && hold.state === "held");
    if (!isHeld && !reserve(board, run, effect.task_id, [effect], effect.try)) return "budget";
  }
  change(board, "runs", run).status = "running";
  run.epoch += 1;
  run.pause_reason = null;
  withdrawQuestions(board, run);
  for (const effect of parked) {
    change(board, "effects", effect).state = "due";
    effect.sends = 1;
    effect.sent_at = board.now;
    board.resends.add(effect.id);
  }
  startClocks(board, (attempt) => attempt.run_id === run.id && board.tasks.get(attempt.task_id)?.is_paused !== true);
  record(board, run.id, { type: "run-resumed", budget_usd: limit === undefined ? null : formatUsd(limit) });
  return "resumed";
}

/** What is parked, but for what waits for a person. */
export function listParked(board: Board): BoardEffect[] {
  const asked = new Set([...board.items.values()].filter((item) => item.state === "open").map((item) => item.effect_id));
  return [...board.effects.values()].filter((effect) => effect.state === "parked" && !asked.has(effect.id));
}

function withdrawQuestions(board: Board, run: BoardRun): void {
  for (const item of board.items.values()) {
    if (item.run_id === run.id && item.state === "open" && item.kind === "question") change(board, "items", item).state = "withdrawn";
  }
}

/** The time of an attempt does not run while its run or its task is paused. */
export function stopClocks(board: Board, isConcerned: (attempt: BoardAttempt) => boolean): void {
  for (const attempt of board.attempts.values()) {
    if (!isConcerned(attempt) || attempt.status !== "running" || attempt.deadline_at === null) continue;
    change(board, "attempts", attempt).remaining_ms = Math.max(0, Date.parse(attempt.deadline_at) - Date.parse(board.now));
    attempt.deadline_at = null;
  }
}

export function startClocks(board: Board, isConcerned: (attempt: BoardAttempt) => boolean): void {
  for (const attempt of board.attempts.values()) {
    if (!isConcerned(attempt) || attempt.status !== "running" || attempt.remaining_ms === null) continue;
    change(board, "attempts", attempt).deadline_at = new Date(Date.parse(board.now) + attempt.remaining_ms).toISOString();
    attempt.remaining_ms = null;
  }
}

/** It waits for a person's word about its task, whatever its run does. */
export function isTaskPaused(board: Board, effect: BoardEffect): boolean {
  return board.tasks.get(effect.task_id)?.is_paused === true;
}
