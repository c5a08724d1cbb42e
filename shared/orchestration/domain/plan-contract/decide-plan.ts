import { cutDetail } from "../../../effects/cut-detail.ts";
import { parseUsd } from "../../../platform/money.ts";
import { type Board, type BoardRun, change } from "../board.ts";
import { endRun } from "../end-run.ts";
import { closeItem } from "../inbox/close-item.ts";
import type { BoardItem } from "../inbox/item-row.ts";
import { resumeRun } from "../pause-run.ts";
import { refuseReplan, replanRun } from "../replan-run.ts";
import { isUnapproved } from "./plan-contract.ts";

/** A person approves the plan as it was shown, once: its tasks begin, and are held to its tools, its files and its price. */
export function approvePlan(
  board: Board,
  run: BoardRun,
  item: BoardItem,
  sha256: string,
  by: string,
): "ok" | "arguments-changed" | "gone" | "budget" {
  if (sha256 !== item.request_sha256) return "arguments-changed";
  if (run.contract === null || !isUnapproved(run) || run.phase !== "execute") return "gone";
  closeItem(board, run, item, { state: "approved", by, decision: { request_sha256: sha256 } });
  change(board, "runs", run).contract = { ...run.contract, approved_sha256: sha256 };
  bindPrice(board, run, item);
  return run.pause_reason !== "plan" || resumeRun(board, run, undefined) === "resumed" ? "ok" : "budget";
}

/** A limit that was raised while the plan waited was not part of what was approved. */
function bindPrice(board: Board, run: BoardRun, { subject }: BoardItem): void {
  const limit = typeof subject["limit_usd"] === "string" ? parseUsd(subject["limit_usd"]) : null;
  const budget = [...board.budgets.values()].find((row) => row.scope === "run" && row.run_id === run.id);
  if (limit === null || budget === undefined || (budget.limit_nano !== null && budget.limit_nano <= limit)) return;
  change(board, "budgets", budget).limit_nano = limit;
}

/** The plan is made anew with what the person says, as often as the run may be planned again; after that it fails with it. */
export function rejectPlan(board: Board, run: BoardRun, item: BoardItem, note: string, by: string): "ok" | "gone" {
  if (!isUnapproved(run) || run.phase !== "execute") return "gone";
  closeItem(board, run, item, { state: "rejected", by, decision: { note } });
  if (refuseReplan(run) === undefined) replanRun(board, run, { by, id: item.id, note });
  else endRun(board, run, { status: "failed", error: { code: "plan-rejected", detail: cutDetail(note), retryable: false } });
  return "ok";
}
