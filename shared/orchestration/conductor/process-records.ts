import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type * as z from "zod";
import { EffectReport } from "../../effects/contract.ts";
import type { Conductor } from "./conduct.ts";
import { ControlMessage } from "./control-message.ts";
import { processControl } from "./process-control.ts";

/**
 * The conductor's batch from SQS. What a message is follows from the queue it came on, never from its body. A message that is not of its
 * queue's form can never succeed: it is logged and dropped. Those that failed come again.
 */
export async function processRecords(deps: Conductor, controlQueueName: string, event: SQSEvent): Promise<SQSBatchResponse> {
  const control = event.Records.filter((record) => record.eventSourceARN.endsWith(`:${controlQueueName}`));
  const results = event.Records.filter((record) => !control.includes(record));
  const failed = [
    ...(await processParsed(deps, control, ControlMessage, (messages) => processControl(deps, messages))),
    ...(await processParsed(deps, results, EffectReport, (reports) => takeIn(deps, reports))),
  ];
  // A function that has answered may be frozen: what it holds the lease of would wait until somebody wakes it.
  await deps.ownHand?.settled();
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
}

async function processParsed<Schema extends z.ZodType>(
  deps: Conductor,
  records: readonly SQSRecord[],
  schema: Schema,
  work: (messages: z.output<Schema>[]) => Promise<number[]>,
): Promise<SQSRecord[]> {
  const readable = records.flatMap((record) => {
    const parsed = schema.safeParse(parseJson(record.body));
    if (parsed.success) return [{ record, message: parsed.data }];
    deps.log("a message was dropped because it has no form of its queue", { messageId: record.messageId, error: parsed.error });
    return [];
  });
  if (readable.length === 0) return [];
  const failed = await work(readable.map((item) => item.message));
  return failed.flatMap((index) => readable[index]?.record ?? []);
}

/** Takes reports in together; if that fails they are taken one by one, so that only the bad one comes again. */
async function takeIn(deps: Conductor, reports: readonly EffectReport[]): Promise<number[]> {
  try {
    const processed = await deps.takeIn(reports);
    return processed.flatMap(({ verdict }, index) => (verdict === "again" ? [index] : []));
  } catch (error) {
    deps.log("a batch of reports failed", { error, size: reports.length });
    if (reports.length === 1) return [0];
  }
  const failed: number[] = [];
  for (const [index, report] of reports.entries()) {
    if ((await takeIn(deps, [report])).length > 0) failed.push(index);
  }
  return failed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
