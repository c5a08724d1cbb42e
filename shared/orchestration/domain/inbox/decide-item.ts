import { cutDetail } from "../../../effects/cut-detail.ts";
import { formatUsd, type NanoDollars } from "../../../platform/money.ts";
import type { NewPayload } from "../batch.ts";
import { type Board, type BoardEffect, type BoardRun, change } from "../board.ts";
import { endRun } from "../end-run.ts";
import { reserve } from "../money.ts";
import { isTaskPaused, resumeRun } from "../pause-run.ts";
import { isAboutPlan } from "../plan-contract/ask-for-plan.ts";
import { approvePlan, rejectPlan } from "../plan-contract/decide-plan.ts";
import { amendContract, Outside } from "../plan-contract/find-outside.ts";
import { answerEffect } from "./answer-effect.ts";
import { answersIn, finishEarly } from "./ask-for-budget.ts";
import { closeItem } from "./close-item.ts";
import type { BoardItem } from "./item-row.ts";

export type Decision =
  | { verb: "approve"; request_sha256: string }
  | { verb: "reject"; note: string }
  | { verb: "answer"; answer: "raise" | "finish" | "cancel"; limit: NanoDollars | undefined }
  | { verb: "resolve"; outcome: "happened"; result: NewPayload }
  | { verb: "resolve"; outcome: "did-not-happen" | "give-up" };

/** `ok`, or why nothing was changed. */
export type Decided = "ok" | "wrong-verb" | "expired" | "gone" | "arguments-changed" | "budget" | "not-an-answer" | "limit-elsewhere";

const VERBS = { approval: ["approve", "reject"], question: ["answer"], outcome: ["resolve"] } as const;

/** A person's word on an open item. Either all that follows from it is on the board, or nothing is. */
export function decideItem(board: Board, run: BoardRun, item: BoardItem, decision: Decision, by: string): Decided {
  const verbs: readonly string[] = VERBS[item.kind];
  if (!verbs.includes(decision.verb)) return "wrong-verb";
  if (item.expires_at !== null && item.expires_at <= board.now) return "expired";
  switch (decision.verb) {
    case "approve":
      if (isAboutPlan(item)) return approvePlan(board, run, item, decision.request_sha256, by);
      return approve(board, run, item, decision.request_sha256, by);
    case "reject":
      if (isAboutPlan(item)) return rejectPlan(board, run, item, decision.note, by);
      return reject(board, run, item, decision.note, by);
    case "answer":
      return answer(board, run, item, decision, by);
    case "resolve":
      return resolve(board, run, item, decision, by);
  }
}

/** Bound to one request, byte by byte: to what the person saw, what was asked, and what would be sent. */
function approve(board: Board, run: BoardRun, item: BoardItem, sha256: string, by: string): Decided {
  if (sha256 !== item.request_sha256) return "arguments-changed";
  const effect = board.effects.get(item.effect_id ?? "");
  if (effect?.state !== "parked") return "gone";
  if (effect.request_sha256 !== sha256) return "arguments-changed";
  closeItem(board, run, item, { state: "approved", by, decision: { request_sha256: sha256 } });
  amendBy(board, run, item);
  // In a paused run, or for a paused task, it stays parked: with its item closed, the resume sends it.
  if (run.status === "running" && !isTaskPaused(board, effect)) send(board, effect);
  return "ok";
}

/** What a person lets in besides the contract is not asked for again. */
function amendBy(board: Board, run: BoardRun, { subject }: BoardItem): void {
  const outside = Outside.safeParse(subject["outside"]).data;
  if (outside === undefined || run.contract === null) return;
  change(board, "runs", run).contract = amendContract(run.contract, outside);
}

function reject(board: Board, run: BoardRun, item: BoardItem, note: string, by: string): Decided {
  const effect = board.effects.get(item.effect_id ?? "");
  if (effect?.state !== "parked") return "gone";
  closeItem(board, run, item, { state: "rejected", by, decision: { note } });
  answerEffect(board, run, effect, { error: { code: "rejected", detail: cutDetail(note), retryable: false } });
  return "ok";
}

function answer(board: Board, run: BoardRun, item: BoardItem, given: Extract<Decision, { verb: "answer" }>, by: string): Decided {
  if (!answersIn(run).includes(given.answer)) return "not-an-answer";
  const { limit } = given;
  if (limit !== undefined && (given.answer !== "raise" || item.subject["scope"] !== "run")) return "limit-elsewhere";
  closeItem(board, run, item, {
    state: "answered",
    by,
    decision: { answer: given.answer, ...(limit === undefined ? {} : { limit_usd: formatUsd(limit) }) },
  });
  switch (given.answer) {
    case "raise":
      return resume(board, run, limit);
    case "finish": {
      const resumed = resume(board, run, undefined);
      if (resumed === "ok") finishEarly(board, run);
      return resumed;
    }
    case "cancel":
      endRun(board, run, { status: "cancelled", by });
      return "ok";
  }
}

/** A run whose plan waits for its approval waits for no budget any more. */
function resume(board: Board, run: BoardRun, limit: NanoDollars | undefined): "ok" | "gone" | "budget" {
  const outcome = resumeRun(board, run, limit);
  if (outcome === "resumed") return "ok";
  return outcome === "unapproved" ? "gone" : "budget";
}

/** The try that was lost is booked in full already. It happened: its answer is what the person says. It did not: it is sent again, under a hold of its own. */
function resolve(board: Board, run: BoardRun, item: BoardItem, given: Extract<Decision, { verb: "resolve" }>, by: string): Decided {
  const effect = board.effects.get(item.effect_id ?? "");
  if (effect?.state !== "unknown") return "gone";
  if (given.outcome === "did-not-happen") {
    if (!reserve(board, run, effect.task_id, [effect], effect.try + 1)) return "budget";
    change(board, "effects", effect).try += 1;
    effect.lease_token = null;
    effect.state = "parked";
    if (run.status === "running" && !isTaskPaused(board, effect)) send(board, effect);
  } else if (given.outcome === "happened") {
    answerEffect(board, run, effect, { result: given.result });
  } else {
    const detail = "Nobody knows whether this happened, and it was given up";
    answerEffect(board, run, effect, { error: { code: "outcome-unknown", detail, retryable: false } });
  }
  closeItem(board, run, item, { state: "resolved", by, decision: { outcome: given.outcome } });
  return "ok";
}

function send(board: Board, effect: BoardEffect): void {
  change(board, "effects", effect).state = "due";
  effect.sends = 1;
  effect.sent_at = board.now;
  board.resends.add(effect.id);
}
