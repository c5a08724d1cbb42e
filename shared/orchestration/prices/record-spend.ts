import { recordMetric } from "../../platform/log/metric.ts";
import { formatUsd } from "../../platform/money.ts";

/** Counts what a commit has booked, in dollars, for the alarm on spending. Call it after the commit: one that is redone books once. */
export function recordSpend(nano: bigint): void {
  if (nano !== 0n) recordMetric("LlmSpend", Number(formatUsd(nano)), "None");
}
