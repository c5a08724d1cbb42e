import * as z from "zod";
import type { CheckOutcome } from "../../agents/domain/journal.ts";
import type { EffectError } from "../../effects/contracts/effect.ts";
import { cutDetail } from "../../effects/cut-detail.ts";
import type { Move, NewPayload, NewTask, ReportVerdict, Step, StepVerdict } from "./batch.ts";
import { type Board, type BoardAttempt, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";
import { dropEffect } from "./drop-effect.ts";
import { judgeReport, storeReport } from "./judge-reports.ts";
import { insertEffects } from "./judge-starts.ts";
import { endTask, phaseEnds } from "./judge-tasks.ts";
import { logAttemptEnd } from "./log-task.ts";
import { reserve } from "./money.ts";
import { release } from "./room.ts";
import { takesSteps } from "./takes-steps.ts";

type Place = { run: BoardRun; task: BoardTask; attempt: BoardAttempt };

/**
 * Accepts a step whole or refuses it whole. It is refused as `moved-on` when its attempt's journal, its run's epoch or one of the leases
 * it counted has changed since it was decided: then it is decided again from what is there now.
 */
export function judgeStep(board: Board, step: Step): StepVerdict {
  const place = findPlace(board, step);
  if (place === undefined) return "unknown";
  const { run, attempt } = place;
  const verdicts = judgeReports(board, step);
  if (hasEnded(run) || attempt.status !== "running") {
    step.reports.forEach((report, index) => {
      if (verdicts[index] === "ok" || verdicts[index] === "late") storeReport(board, report, place, true);
    });
    return "late";
  }
  if (verdicts.some((verdict) => verdict !== "ok") || isOvertaken(board, place, step)) return "moved-on";
  for (const report of step.reports) storeReport(board, report, place, false);
  if (!takesSteps(run) || place.task.is_paused) {
    if (step.reports.length > 0) change(board, "attempts", attempt).version += 1;
    return "paused";
  }
  const verdict = makeMove(board, step.move, place, step.reports.length > 0);
  if (verdict === "ok") board.division?.store(board, place, step);
  return verdict;
}

function isOvertaken(board: Board, { run, task, attempt }: Place, step: Step): boolean {
  return attempt.version !== step.version || run.epoch !== step.epoch || board.division?.isOvertaken(board, run, task, step) === true;
}

function makeMove(board: Board, move: Move, place: Place, changed: boolean): StepVerdict {
  const { run, task, attempt } = place;
  if (changed || move.kind !== "effects" || move.effects.length > 0) change(board, "attempts", attempt).version += 1;
  switch (move.kind) {
    case "effects":
      // Budget refuses what comes next, never the storing of an answer.
      if (!reserve(board, run, task.id, move.effects)) return "budget";
      insertEffects(board, { run, task, attempt_id: attempt.id }, move.effects);
      return "ok";
    case "done":
      endAttempt(board, place, "completed", null);
      storeChecks(board, place, move.checks);
      complete(board, place, move.result, move.plan);
      return "ok";
    case "failed":
      endAttempt(board, place, "failed", move.error);
      storeChecks(board, place, move.checks);
      if (board.failTask === undefined) throw new Error("a batch in which an attempt fails came without what that means");
      board.failTask(board, place, {
        error: move.error,
        other_agent_id: move.other_agent_id ?? null,
        spared_attempts: move.spared_attempts ?? 0,
        is_unsafe: abandonEffects(board, attempt),
      });
      return "ok";
    // What becomes of the task is stored with the proposals of its step.
    case "subtasks":
      return "ok";
  }
}

/** A second copy of an answer inside one batch must not count: both would pass the same guard on the same locked row. */
function judgeReports(board: Board, step: Step): ReportVerdict[] {
  const seen = new Set<string>();
  return step.reports.map((report) => {
    if (seen.has(report.effect_id)) return "duplicate";
    seen.add(report.effect_id);
    return judgeReport(board, report);
  });
}

function findPlace(board: Board, step: Step): Place | undefined {
  const attempt = board.attempts.get(step.attempt_id);
  const task = attempt === undefined ? undefined : board.tasks.get(attempt.task_id);
  const run = attempt === undefined ? undefined : board.runs.get(attempt.run_id);
  return attempt === undefined || task === undefined || run === undefined ? undefined : { run, task, attempt };
}

export function hasEnded(run: BoardRun): boolean {
  return run.status === "completed" || run.status === "failed" || run.status === "cancelled";
}

/** The attempt is over, and gives back its place. */
export function endAttempt(board: Board, { attempt }: Place, status: "completed" | "failed", error: EffectError | null): void {
  change(board, "attempts", attempt).status = status;
  attempt.error = error;
  attempt.finished_at = board.now;
  release(board, attempt, { error });
  logAttemptEnd(board, attempt, error);
}

function complete(board: Board, place: Place, result: NewPayload, plan: NewTask[] | null): void {
  const { run, task, attempt } = place;
  board.inserts.payloads.push({ ...result, workspace_id: run.workspace_id, run_id: run.id });
  endTask(board, task, "completed");
  task.result_payload_id = result.id;
  task.result_sha256 = result.sha256;
  record(board, run.id, {
    type: "task-completed",
    ...nameTask(task),
    attempt: attempt.number,
    duration_ms: Math.max(0, Date.parse(board.now) - Date.parse(task.started_at ?? board.now)),
    result_sha256: result.sha256,
  });
  phaseEnds(board, run, task, { result, plan });
  if (task.kind === "critic") storeVerdict(board, place, result);
}

/**
 * What is still open of an attempt that fails before its effects: nobody may claim what is unclaimed, nobody is asked for a word on it any
 * more, and what is under way is late when it comes. True when something under way, or of an unknown outcome, must not happen twice.
 */
function abandonEffects(board: Board, attempt: BoardAttempt): boolean {
  const effects = [...board.effects.values()].filter((effect) => effect.attempt_id === attempt.id);
  for (const effect of effects) {
    if (effect.state === "parked" || effect.state === "unknown") board.unasked.add(effect.id);
    if (effect.state === "due" || effect.state === "parked") dropEffect(board, effect);
  }
  return effects.some(({ state, safety }) => safety === "once" && (state === "running" || state === "unknown"));
}

function storeChecks(board: Board, { run, task, attempt }: Place, checks: readonly CheckOutcome[] = []): void {
  for (const { position, kind, advisory, reason } of checks) {
    board.inserts.check_outcomes.push({
      attempt_id: attempt.id,
      position,
      workspace_id: run.workspace_id,
      run_id: run.id,
      task_id: task.id,
      kind,
      advisory,
      passed: reason === null,
      reason,
    });
    if (reason === null) continue;
    const fact = { attempt: attempt.number, position, kind, advisory, reason: cutDetail(reason) };
    record(board, run.id, { type: "check-failed", ...nameTask(task), ...fact });
  }
}

/** Kept beside what the checks said, so that a critic can be measured by them. */
function storeVerdict(board: Board, { run, attempt }: Place, result: NewPayload): void {
  const { approved, overall_score: score } = z.object({ approved: z.boolean(), overall_score: z.number() }).parse(result.body);
  const { id: attempt_id, agent_id } = attempt;
  board.inserts.review_verdicts.push({ attempt_id, workspace_id: run.workspace_id, run_id: run.id, agent_id, approved, score });
}
