import type { SQSEvent, SQSRecord } from "aws-lambda";
import { answerRecall } from "../../shared/orchestration/conductor/answer-recalls.ts";
import { conduct as conductWith } from "../../shared/orchestration/conductor/conduct.ts";
import { processRecords } from "../../shared/orchestration/conductor/process-records.ts";
import type { Message, Queue } from "./message.ts";
import { giveBack } from "./queue.ts";
import type { Worker } from "./scheduler.ts";
import { type Simulation, say } from "./simulation.ts";
import { createDeps } from "./worker-deps.ts";

/** A conductor takes a batch of one queue in. What it did not finish, and everything when it dies, comes again. */
export async function workAsConductor(simulation: Simulation, worker: Worker, queue: Queue, messages: readonly Message[]): Promise<void> {
  const deps = createDeps(simulation, worker, "conductor killed");
  const conductor = conductWith(deps, { recall: (effect) => answerRecall(deps, effect) });
  const answer = await processRecords(conductor, "control", toEvent(queue, messages)).catch((error: unknown) => {
    simulation.checks.check("errors", worker.isDead, () => String(error));
    return undefined;
  });
  const failed = new Set(answer?.batchItemFailures.map((item) => item.itemIdentifier));
  const unfinished = messages.filter((message) => worker.isDead || failed.has(message.id));
  giveBack(simulation, queue, unfinished);
  say(simulation, `${worker.name} ${worker.isDead ? "is dead" : "is done"}, ${unfinished.length} of ${messages.length} come again`);
}

function toEvent(queue: Queue, messages: readonly Message[]): SQSEvent {
  return {
    Records: messages.map(
      (message): SQSRecord => ({
        messageId: message.id,
        receiptHandle: "",
        body: message.body,
        attributes: {
          ApproximateReceiveCount: String(message.receives + 1),
          SentTimestamp: "0",
          SenderId: "",
          ApproximateFirstReceiveTimestamp: "0",
        },
        messageAttributes: {},
        md5OfBody: "",
        eventSource: "aws:sqs",
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue.name}`,
        awsRegion: "us-east-1",
      }),
    ),
  };
}
