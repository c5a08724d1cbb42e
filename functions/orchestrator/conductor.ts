import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { openConductor } from "../../shared/orchestration/conductor/open-conductor.ts";
import { processRecords } from "../../shared/orchestration/conductor/process-records.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { withLogContext } from "../../shared/platform/log/logger.ts";

/** The queues `control` and `results`: everything that moves a run. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const controlQueue = readVariable("CONTROL_QUEUE_URL").split("/").at(-1) ?? "";
  return withLogContext({ service: "orchestrator" }, async () => processRecords(await openConductor(), controlQueue, event));
}
