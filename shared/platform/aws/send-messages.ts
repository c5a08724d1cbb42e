import type { SendMessageBatchRequestEntry, SQSClient } from "@aws-sdk/client-sqs";
import type { JsonValue } from "../json.ts";
import { getSqsClient } from "./sqs.ts";

const MESSAGES_PER_BATCH = 10;
/** SQS counts bodies and attributes of all messages of a batch together. */
const BYTES_PER_BATCH = 1_048_576;

export type OutgoingMessage = {
  readonly body: JsonValue;
  /** 0 to 900; SQS refuses more. */
  readonly delaySeconds?: number;
  /** Fair queueing between tenants. */
  readonly groupId?: string;
  /** Sent beside the body, as string attributes: trace ids and the like. */
  readonly attributes?: Readonly<Record<string, string>>;
};

/** Some messages were not accepted; `failed` holds their indexes in the list that was to be sent, ascending. The others are on the queue. */
export class MessagesNotSent extends Error {
  override readonly name = "MessagesNotSent";
  readonly failed: readonly number[];

  constructor(queueUrl: string, failed: readonly number[], total: number, options: ErrorOptions) {
    super(`${failed.length} of ${total} messages could not be sent to ${queueUrl}`, options);
    this.failed = failed;
  }
}

/**
 * Sends any number of messages in as few calls as SQS allows (10 messages and 1 MiB a call), all calls at once.
 * @throws MessagesNotSent when some were refused or a call failed
 */
export async function sendMessages(queueUrl: string, messages: readonly OutgoingMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const client = await getSqsClient();
  const batches = batchEntries(messages.map(toEntry));
  const outcomes = await Promise.all(batches.map((entries) => sendBatch(client, queueUrl, entries)));
  const failed = outcomes.flatMap((outcome) => outcome.failed).toSorted((left, right) => left - right);
  if (failed.length === 0) return;
  throw new MessagesNotSent(queueUrl, failed, messages.length, { cause: outcomes.find((outcome) => outcome.cause !== undefined)?.cause });
}

async function sendBatch(client: SQSClient, queueUrl: string, entries: Entry[]): Promise<{ failed: number[]; cause?: unknown }> {
  const { SendMessageBatchCommand } = await import("@aws-sdk/client-sqs");
  try {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    const refused = answer.Failed ?? [];
    const [first] = refused;
    const cause =
      first === undefined ? undefined : new Error(`SQS refused a message: ${first.Code}: ${first.Message ?? "no reason given"}`);
    return { failed: refused.map((entry) => Number(entry.Id)), cause };
  } catch (cause) {
    return { failed: entries.map((entry) => Number(entry.Id)), cause };
  }
}

type Entry = SendMessageBatchRequestEntry & { Id: string; MessageBody: string };

/** The entry's id is the message's index. */
function toEntry(message: OutgoingMessage, index: number): Entry {
  const attributes = Object.entries(message.attributes ?? {});
  return {
    Id: String(index),
    MessageBody: toBody(message.body),
    ...(message.delaySeconds === undefined ? {} : { DelaySeconds: message.delaySeconds }),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(attributes.length === 0
      ? {}
      : { MessageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, { DataType: "String", StringValue: value }])) }),
  };
}

/** Two characters that JSON allows and SQS refuses are escaped; JSON.stringify escapes all others that it refuses. */
function toBody(value: JsonValue): string {
  return JSON.stringify(value).replaceAll(/[\uFFFE\uFFFF]/g, (character) => (character === "\uFFFE" ? "\\ufffe" : "\\uffff"));
}

function batchEntries(entries: readonly Entry[]): Entry[][] {
  const batches: Entry[][] = [];
  let batch: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entryBytes(entry);
    if (batch.length === MESSAGES_PER_BATCH || (batch.length > 0 && bytes + size > BYTES_PER_BATCH)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function entryBytes(entry: Entry): number {
  const attributes = Object.entries(entry.MessageAttributes ?? {});
  return attributes.reduce(
    (sum, [name, { DataType, StringValue }]) => sum + Buffer.byteLength(`${name}${DataType ?? ""}${StringValue ?? ""}`),
    Buffer.byteLength(entry.MessageBody),
  );
}
