import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";

export type EventSource = {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly maxConcurrency: number;
  readonly invoke: (event: SQSEvent) => Promise<unknown>;
  /** Told of each batch that failed as a whole. */
  readonly onFailure: (error: unknown) => void;
};

/** An event-source mapping over SQS's own protocol: long polls, batches, deletion of what was handled. The result stops it. */
export function pollQueue(source: EventSource): () => Promise<void> {
  const stopping = new AbortController();
  const inHandler = new Set<Promise<void>>();

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (inHandler.size >= source.maxConcurrency) await Promise.race(inHandler);
      const messages = await receive(source, stopping.signal);
      if (messages.length === 0) continue;
      const delivery = deliver(source, messages).finally(() => inHandler.delete(delivery));
      inHandler.add(delivery);
    }
  }

  const loop = poll();
  return async () => {
    stopping.abort();
    await loop;
    await Promise.all(inHandler);
  };
}

async function receive({ client, queueUrl, batchSize }: EventSource, signal: AbortSignal): Promise<Message[]> {
  const wish = { QueueUrl: queueUrl, MaxNumberOfMessages: batchSize, WaitTimeSeconds: 20 };
  const names = { MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All" as const] };
  try {
    const { Messages } = await client.send(new ReceiveMessageCommand({ ...wish, ...names }), { abortSignal: signal });
    return Messages ?? [];
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}

async function deliver(source: EventSource, messages: readonly Message[]): Promise<void> {
  try {
    const records = messages.map((message) => toRecord(message, source.queueArn));
    const failed = readFailures(await source.invoke({ Records: records }), records);
    const handled = records.filter(({ messageId }) => !failed.has(messageId));
    if (handled.length === 0) return;
    const Entries = handled.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    await source.client.send(new DeleteMessageBatchCommand({ QueueUrl: source.queueUrl, Entries }));
  } catch (error) {
    source.onFailure(error);
  }
}

const BatchAnswer = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() }).nullish();

/** No list means that all went well; an item that was not in the batch fails the whole of it. */
function readFailures(answer: unknown, records: readonly SQSRecord[]): ReadonlySet<string> {
  const failures = BatchAnswer.parse(answer)?.batchItemFailures ?? [];
  const known = new Set(records.map(({ messageId }) => messageId));
  const foreign = failures.find(({ itemIdentifier }) => !known.has(itemIdentifier));
  if (foreign !== undefined) throw new Error(`batchItemFailures names ${foreign.itemIdentifier}, which was not in the batch`);
  return new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
}

const Received = z.object({ MessageId: z.string(), ReceiptHandle: z.string(), Body: z.string(), MD5OfBody: z.string() });

function toRecord(message: Message, queueArn: string): SQSRecord {
  const { MessageId, ReceiptHandle, Body, MD5OfBody } = Received.parse(message);
  const system = message.Attributes ?? {};
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: {
      ...system,
      ApproximateReceiveCount: system.ApproximateReceiveCount ?? "",
      SentTimestamp: system.SentTimestamp ?? "",
      SenderId: system.SenderId ?? "",
      ApproximateFirstReceiveTimestamp: system.ApproximateFirstReceiveTimestamp ?? "",
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue, DataType }]) => [
        name,
        { ...(StringValue === undefined ? {} : { stringValue: StringValue }), dataType: DataType === "Number" ? "Number" : "String" },
      ]),
    ),
    md5OfBody: MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: "us-east-1",
  };
}
