import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { createEffectWorker } from "../../shared/effects/hands/carry-out-effects.ts";
import { createLedgerClient } from "../../shared/effects/hands/ledger-client.ts";
import { createReportClient } from "../../shared/effects/hands/report-client.ts";
import { invokeFunction } from "../../shared/platform/aws/invoke-function.ts";
import { getS3Client } from "../../shared/platform/aws/s3.ts";
import { sendMessages } from "../../shared/platform/aws/send-messages.ts";
import { readEnv } from "../../shared/platform/config/env.ts";
import { withLogContext } from "../../shared/platform/log/logger.ts";
import { carryOutTool } from "../../shared/tools/hands/carry-out-tool.ts";
import { queueTable } from "../queue-table.ts";

const ToolWorkerEnv = z.object({
  LEDGER_FUNCTION: z.string(),
  RESULTS_QUEUE_URL: z.url(),
  WORKSPACE_BUCKET: z.string(),
  SANDBOX_FUNCTION: z.string(),
  EXTEND_EVERY_SECONDS: z.coerce.number().positive().default(20),
});

let work: ReturnType<typeof createEffectWorker> | undefined;

/** The queue of `tool` effects: files of a run's workspace, and programs, which it hands to the sandbox. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const worker = (work ??= open());
  return withLogContext({ service: "tool-runner" }, () => worker(event));
}

function open(): ReturnType<typeof createEffectWorker> {
  const env = readEnv(ToolWorkerEnv);
  const deps = { getS3: getS3Client, bucket: env.WORKSPACE_BUCKET, invoke: invokeFunction, sandboxFunction: env.SANDBOX_FUNCTION };
  return createEffectWorker({
    ...createLedgerClient(invokeFunction, env.LEDGER_FUNCTION),
    report: createReportClient(sendMessages, env.RESULTS_QUEUE_URL),
    carryOut: (effect, signal) => carryOutTool(deps, effect, signal),
    extendEverySeconds: env.EXTEND_EVERY_SECONDS,
    concurrency: queueTable["effects-tool"].hand.atOnce,
  });
}
