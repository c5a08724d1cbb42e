import type { JsonValue } from "../../platform/json.ts";
import type { EffectReport } from "../contract.ts";

type Send = (queueUrl: string, messages: readonly { body: JsonValue }[]) => Promise<void>;

/** Puts a report on the results queue; rejects when the queue does not take it. */
export function createReportClient(send: Send, queueUrl: string): (report: EffectReport) => Promise<void> {
  return (report) => send(queueUrl, [{ body: report }]);
}
