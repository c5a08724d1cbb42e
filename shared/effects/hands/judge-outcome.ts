import { AppError } from "../../platform/errors.ts";
import { log } from "../../platform/log/logger.ts";
import { type ClaimedEffect, type EffectOutcome, EffectReport } from "../contract.ts";
import { cutDetail } from "../cut-detail.ts";

/** A larger report would not be taken by the results queue's readers. */
export const REPORT_BYTES = 192 * 1024;

const failed = (code: string, detail: string, retryable: boolean): EffectOutcome => ({
  status: "failed",
  error: { code, detail, retryable },
});

/** What is reported of an effect whose work was thrown out of: an AppError as it says, anything else without its internals. */
export function explainError(error: unknown, wasStopped: boolean): EffectOutcome {
  if (wasStopped) return failed("stopped", "The effect was stopped before its answer came", false);
  if (error instanceof AppError) return failed(error.code, error.detail, error.retryable);
  log.error("an effect broke off with an error that nobody expected", { error });
  return failed("internal", "Something went wrong on our side", true);
}

/**
 * The report of an outcome, in a form that its readers take: one that they would drop would leave the effect open until its lease ends,
 * and then it would be carried out, and paid for, again.
 */
export function toReport({ effect_id, lease_token }: ClaimedEffect, outcome: EffectOutcome): EffectReport {
  const report = { effect_id, lease_token, outcome: outcome.status === "done" ? outcome : shorten(outcome) };
  const fault = findFault(report);
  if (fault === undefined) return report;
  const usage = "usage" in outcome && outcome.usage !== undefined ? { usage: outcome.usage } : {};
  const withUsage = { effect_id, lease_token, outcome: { ...fault, ...usage } };
  return findFault(withUsage) === undefined ? withUsage : { effect_id, lease_token, outcome: fault };
}

function findFault(report: EffectReport): EffectOutcome | undefined {
  try {
    const bytes = Buffer.byteLength(JSON.stringify(report));
    if (bytes > REPORT_BYTES) return failed("result-too-large", `The result is ${bytes} bytes; at most ${REPORT_BYTES} are kept`, false);
    EffectReport.parse(report);
    return undefined;
  } catch (error) {
    log.error("an outcome has no form that can be reported", { effectId: report.effect_id, error });
    return failed("internal", "The result has no form that can be kept", false);
  }
}

function shorten(outcome: Extract<EffectOutcome, { status: "failed" }>): EffectOutcome {
  return { ...outcome, error: { ...outcome.error, detail: cutDetail(outcome.error.detail) } };
}
