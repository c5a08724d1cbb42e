import { formatUsd } from "../../platform/money.ts";
import type { Report, ReportVerdict } from "./batch.ts";
import { type Board, type BoardAttempt, type BoardEffect, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";
import { logEffect } from "./log-task.ts";
import { settle } from "./money.ts";

/** What a report is worth, judged by the locked row of its effect alone. Only the holder of the lease may answer. */
export function judgeReport(board: Board, report: Report): ReportVerdict {
  const effect = board.effects.get(report.effect_id);
  if (effect === undefined) return "unknown";
  if (effect.lease_token !== report.lease_token) return "stale";
  switch (effect.state) {
    case "running":
    // Its lease ended without a report and nobody sent it again: this is the answer that was missing.
    case "unknown":
      return "ok";
    case "cancelled":
      return "late";
    default:
      return "duplicate";
  }
}

export type Answered = { run: BoardRun; task: BoardTask; attempt: BoardAttempt };

/** Stores an answer, settles what it cost, and says so in the log. A late one changes nothing else. */
export function storeReport(board: Board, report: Report, { run, task, attempt }: Answered, late: boolean): void {
  const effect = board.effects.get(report.effect_id);
  if (effect === undefined) return;
  const { outcome } = report;
  if (effect.state === "unknown") board.unasked.add(effect.id);
  change(board, "effects", effect).state = late ? "late" : outcome.status;
  if (late) logEffect(board, attempt, effect, "late");
  effect.answered_at = board.now;
  effect.error = outcome.status === "failed" ? outcome.error : null;
  if (report.result !== null) {
    board.inserts.payloads.push({ ...report.result, workspace_id: run.workspace_id, run_id: run.id });
    effect.result_payload_id = report.result.id;
    effect.result_sha256 = report.result.sha256;
  }
  settle(board, run, task, effect, costOf(report));
  bookUsage(board, report, { run, task, attempt }, effect);
  bookTool(board, report, run, task, effect);
  recordAnswer(board, report, run, task, effect);
}

function recordAnswer(board: Board, report: Report, run: BoardRun, task: BoardTask, effect: BoardEffect): void {
  const cost = report.charge?.cost_nano ?? null;
  record(board, run.id, {
    type: "effect-answered",
    ...nameTask(task),
    effect_id: effect.id,
    seq: effect.seq,
    kind: effect.kind,
    state: effect.state,
    by: report.charge?.model ?? report.tool?.name ?? null,
    cost_usd: cost === null ? null : formatUsd(cost),
    result_sha256: report.result?.sha256 ?? null,
  });
}

/** A provider that refused a call has not billed it. One that broke off may have. */
function costOf({ outcome, charge }: Report): bigint | null {
  if (charge !== null) return charge.cost_nano;
  const isUnsure = outcome.status === "failed" && !UNBILLED.has(outcome.error.code);
  return isUnsure ? null : 0n;
}

const UNBILLED: ReadonlySet<string> = new Set(["provider-rejected", "unsupported_offline", "invalid-request", "undeliverable"]);

function bookUsage(board: Board, report: Report, { run, task, attempt }: Answered, effect: BoardEffect): void {
  if (report.charge === null) return;
  board.inserts.usage.push({
    ...report.charge,
    id: board.newId(),
    workspace_id: run.workspace_id,
    run_id: run.id,
    user_id: run.user_id,
    task_id: task.id,
    agent_id: attempt.agent_id,
    effect_id: effect.id,
    try: effect.try,
  });
}

function bookTool(board: Board, report: Report, run: BoardRun, task: BoardTask, effect: BoardEffect): void {
  if (report.tool === null) return;
  board.inserts.tool_executions.push({
    id: board.newId(),
    workspace_id: run.workspace_id,
    task_id: task.id,
    effect_id: effect.id,
    tool: report.tool.name,
    parameters: { sha256: report.tool.request_sha256 },
    output: report.result === null ? null : { sha256: report.result.sha256 },
    error: report.outcome.status === "failed" ? `${report.outcome.error.code}: ${report.outcome.error.detail}` : null,
    started_at: effect.claimed_at,
  });
}
