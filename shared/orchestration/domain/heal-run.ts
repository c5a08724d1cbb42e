import { type Board, type BoardEffect, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";
import { askForBudget } from "./inbox/ask-for-budget.ts";
import { openItem } from "./inbox/open-item.ts";
import { hasEnded } from "./judge-steps.ts";
import { LEASE_LOST, logEffect } from "./log-task.ts";
import { reserve } from "./money.ts";
import { isTaskPaused } from "./pause-run.ts";
import { isSendOverdue } from "./resend-pause.ts";
import { blame } from "./room.ts";
import { takesSteps } from "./takes-steps.ts";

/** Hands that may be lost to one effect: more than a process that is killed again and again costs, fewer than a budget would mind. */
const MAX_TRIES = 8;

/**
 * What the watchdog does for effects whose lease ended without a report, and for those that may never have been sent. A lost try is booked
 * in full, for its provider may have billed it. `repeatable`: due again under the next try and a hold of its own, until it has cost too many
 * hands. `once`: unknown, until a person or a check says what happened. Where the run or the attempt has ended, a lost effect is only
 * closed. `lookSeconds`: between two looks of the watchdog; 0 when the queues are known to be lost.
 */
export function healRun(board: Board, run: BoardRun, lookSeconds: number): void {
  for (const effect of board.effects.values()) {
    if (effect.run_id !== run.id) continue;
    if (effect.state === "running" && hasExpired(effect, board.now)) recover(board, run, effect);
    else if (effect.state === "due" && takesSteps(run) && isSendOverdue(effect, board.now, lookSeconds)) sendAgain(board, effect);
  }
}

/** The attempts of a run that are under way are on the board; one that is not was cancelled with its task. */
function isAttemptRunning(board: Board, effect: BoardEffect): boolean {
  return board.attempts.get(effect.attempt_id)?.status === "running";
}

function hasExpired(effect: BoardEffect, now: string): boolean {
  return effect.lease_until === null || Date.parse(effect.lease_until) <= Date.parse(now);
}

function sendAgain(board: Board, effect: BoardEffect): void {
  change(board, "effects", effect).sends += 1;
  effect.sent_at = board.now;
  board.resends.add(effect.id);
}

/** Whether anybody waits for its answer. */
function isWanted(board: Board, run: BoardRun, effect: BoardEffect): boolean {
  return !hasEnded(run) && isAttemptRunning(board, effect);
}

function recover(board: Board, run: BoardRun, effect: BoardEffect): void {
  const task = board.tasks.get(effect.task_id);
  if (task === undefined) return;
  bookLostTry(board, effect);
  const attempt = board.attempts.get(effect.attempt_id);
  if (attempt !== undefined) {
    blame(board, attempt, LEASE_LOST, effect.claimed_at);
    logEffect(board, attempt, effect, LEASE_LOST);
  }
  const facts = { ...nameTask(task), effect_id: effect.id, seq: effect.seq };
  change(board, "effects", effect);
  if (!isWanted(board, run, effect)) {
    effect.state = effect.safety === "once" ? "unknown" : "cancelled";
    return;
  }
  if (effect.safety === "once") {
    effect.state = "unknown";
    record(board, run.id, { type: "effect-unknown", ...facts });
    const { request_sha256, id: effect_id } = effect;
    openItem(board, run, { kind: "outcome", task_id: task.id, effect_id, request_sha256, subject: { effect: effect.kind } });
    return;
  }
  if (effect.try >= MAX_TRIES) {
    giveUp(board, run, effect);
    return;
  }
  tryAgain(board, run, task, effect);
}

/** Under the next try and a hold of its own, unless somebody has to say first that it may. */
function tryAgain(board: Board, run: BoardRun, task: BoardTask, effect: BoardEffect): void {
  const isCovered = reserve(board, run, effect.task_id, [effect], effect.try + 1);
  effect.try += 1;
  effect.lease_token = null;
  effect.sends = 1;
  effect.sent_at = board.now;
  effect.state = isCovered && takesSteps(run) && !isTaskPaused(board, effect) ? "due" : "parked";
  if (effect.state === "due") board.resends.add(effect.id);
  record(board, run.id, { type: "effect-resent", ...nameTask(task), effect_id: effect.id, seq: effect.seq, try: effect.try });
  if (!isCovered) askForBudget(board, run, board.shortages.get(run.id));
}

/** Whatever kills each hand that takes it would kill the next, and each try may be billed: the attempt is told, and goes on from there. */
function giveUp(board: Board, run: BoardRun, effect: BoardEffect): void {
  const task = board.tasks.get(effect.task_id);
  const attempt = board.attempts.get(effect.attempt_id);
  if (task === undefined || attempt === undefined) return;
  effect.state = "failed";
  effect.answered_at = board.now;
  effect.error = { code: "lease-lost", detail: `${effect.try} hands took this and none reported`, retryable: false };
  change(board, "attempts", attempt).version += 1;
  record(board, run.id, {
    type: "effect-answered",
    ...nameTask(task),
    effect_id: effect.id,
    seq: effect.seq,
    kind: effect.kind,
    state: "failed",
    by: null,
    cost_usd: null,
    result_sha256: null,
  });
}

function bookLostTry(board: Board, effect: BoardEffect): void {
  for (const hold of board.holds) {
    if (hold.effect_id !== effect.id || hold.try !== effect.try || hold.state !== "held") continue;
    const budget = board.budgets.get(hold.budget_id);
    if (budget === undefined) continue;
    change(board, "budgets", budget).held_nano -= hold.amount_nano;
    budget.spent_nano += hold.amount_nano;
    change(board, "holds", hold).state = "unsettled";
    hold.settled_nano = hold.amount_nano;
  }
}
