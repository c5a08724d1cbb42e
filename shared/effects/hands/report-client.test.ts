import { expect, it } from "vitest";
import { uuidv7 } from "../../platform/ids.ts";
import type { EffectReport } from "../contract.ts";
import { createReportClient } from "./report-client.ts";

const report: EffectReport = { effect_id: uuidv7(), lease_token: uuidv7(), outcome: { status: "done", result: { rows: 3 } } };

it("a report is one message on the results queue, as the contract writes it", async () => {
  const sent: unknown[] = [];
  await createReportClient(async (...call) => void sent.push(call), "queue-url")(report);
  expect(sent).toEqual([["queue-url", [{ body: report }]]]);
});

it("a queue that does not take the report is told to the caller", async () => {
  const refuse = createReportClient(() => Promise.reject(new Error("refused")), "queue-url");
  await expect(refuse(report)).rejects.toThrow("refused");
});
