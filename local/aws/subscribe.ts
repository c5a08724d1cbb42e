import type { SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { deleteMessage, type Queue, REGION, type ReceivedMessage, receiveMessages } from "./queue.ts";

export type SubscriptionSettings = {
  /** Batches in the handler at once. */
  readonly maxConcurrency: number;
  readonly batchSize?: number;
  /** Told of each batch that failed as a whole. */
  readonly onFailure?: (error: unknown, queue: Queue) => void;
};

export type Subscription = {
  /** Takes no more messages and waits for the batches in the handler. */
  stop(): Promise<void>;
};

/**
 * An event-source mapping: delivers what comes on the queue to a Lambda handler, in batches of at most ten. Handled messages are
 * deleted; those in `batchItemFailures`, or all when the handler throws, come back after the queue's visibility timeout.
 */
export function subscribe(queue: Queue, handler: (event: SQSEvent) => Promise<unknown>, settings: SubscriptionSettings): Subscription {
  const { maxConcurrency, batchSize = LIMITS.sqsBatchMessages, onFailure = () => {} } = settings;
  const stopping = new AbortController();
  const inHandler = new Set<Promise<void>>();

  async function deliverUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (inHandler.size >= maxConcurrency) await Promise.race(inHandler);
      const messages = await receiveMessages(queue, { max: batchSize, maxBytes: LIMITS.lambdaPayloadBytes, signal: stopping.signal });
      if (messages.length === 0) continue;
      const delivery = deliver(messages).finally(() => inHandler.delete(delivery));
      inHandler.add(delivery);
    }
  }

  async function deliver(messages: readonly ReceivedMessage[]): Promise<void> {
    try {
      const answer = await handler({ Records: messages.map((message) => toRecord(queue, message)) });
      const failed = readFailures(answer, messages);
      for (const message of messages) if (!failed.has(message.id)) deleteMessage(queue, message.receipt);
    } catch (error) {
      onFailure(error, queue);
    }
  }

  const loop = deliverUntilStopped();
  return {
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(inHandler);
    },
  };
}

const BatchAnswer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() }).nullish();

/** Like AWS: no list means that all went well; a list it cannot read, or an item that was not in the batch, fails the whole batch. */
function readFailures(answer: unknown, messages: readonly ReceivedMessage[]): ReadonlySet<string> {
  const failures = BatchAnswer.parse(answer)?.batchItemFailures ?? [];
  const ids = new Set(messages.map((message) => message.id));
  for (const { itemIdentifier } of failures) {
    if (!ids.has(itemIdentifier)) throw new Error(`batchItemFailures names ${itemIdentifier}, which was not in the batch`);
  }
  return new Set(failures.map((failure) => failure.itemIdentifier));
}

function toRecord(queue: Queue, message: ReceivedMessage): SQSRecord {
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt),
      SenderId: "local",
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, value]) => [
        name,
        {
          ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
          ...(value.BinaryValue === undefined ? {} : { binaryValue: value.BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: value.DataType,
        },
      ]),
    ),
    md5OfBody: message.bodyMd5,
    eventSource: "aws:sqs",
    eventSourceARN: queue.arn,
    awsRegion: REGION,
  };
}
