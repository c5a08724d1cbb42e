import * as z from "zod";
import type { SdkRequestHandler } from "../../shared/platform/aws/client-options.ts";
import { AwsError } from "./aws-error.ts";
import { createJsonFront, type JsonActionTable, jsonAction } from "./json-front.ts";
import { refuseBatch } from "./limits.ts";
import { MessageAttributes, messageBytes } from "./message-attributes.ts";
import { changeVisibility, deleteMessage, type ReceivedMessage, receiveMessages, sendMessage } from "./queue.ts";
import { parseQueueAttributes, readQueueAttributes } from "./queue-attributes.ts";
import { addQueue, getQueue, type Queues } from "./queues.ts";

/** The SDK's way to the queues in memory: the JSON protocol of SQS, without a socket. */
export function createSqsRequestHandler(queues: Queues): SdkRequestHandler {
  return createJsonFront("SQS", { ...queueActions(queues), ...sendActions(queues), ...receiveActions(queues) });
}

const QueueUrl = z.string();

function queueActions(queues: Queues): JsonActionTable {
  return {
    CreateQueue: jsonAction(
      z.strictObject({ QueueName: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
      ({ QueueName, Attributes }) => ({ QueueUrl: addQueue(queues, QueueName, parseQueueAttributes(queues, Attributes)).url }),
    ),
    GetQueueUrl: jsonAction(z.strictObject({ QueueName: z.string() }), ({ QueueName }) => ({ QueueUrl: getQueue(queues, QueueName).url })),
    GetQueueAttributes: jsonAction(
      z.strictObject({ QueueUrl, AttributeNames: z.array(z.string()).default(["All"]) }),
      ({ QueueUrl: url, AttributeNames }) => ({ Attributes: readQueueAttributes(getQueue(queues, url), AttributeNames) }),
    ),
  };
}

const OutgoingFields = {
  MessageBody: z.string(),
  DelaySeconds: z.number().optional(),
  MessageGroupId: z.string().max(128).optional(),
  MessageAttributes: MessageAttributes.default({}),
};
const Outgoing = z.strictObject(OutgoingFields);
type Outgoing = z.infer<typeof Outgoing>;

function sendActions(queues: Queues): JsonActionTable {
  function send(url: string, outgoing: Outgoing): object {
    const message = sendMessage(getQueue(queues, url), {
      body: outgoing.MessageBody,
      delaySeconds: outgoing.DelaySeconds,
      groupId: outgoing.MessageGroupId,
      attributes: outgoing.MessageAttributes,
    });
    return { MessageId: message.id, MD5OfMessageBody: message.bodyMd5, MD5OfMessageAttributes: message.attributesMd5 };
  }
  return {
    SendMessage: jsonAction(z.strictObject({ QueueUrl, ...OutgoingFields }), ({ QueueUrl: url, ...outgoing }) => send(url, outgoing)),
    SendMessageBatch: jsonAction(
      z.strictObject({ QueueUrl, Entries: z.array(z.strictObject({ Id: z.string(), ...OutgoingFields })) }),
      ({ QueueUrl: url, Entries }) => {
        getQueue(queues, url);
        const bytes = Entries.reduce((sum, entry) => sum + messageBytes(entry.MessageBody, entry.MessageAttributes), 0);
        refuseBatch(Entries.length, bytes);
        return answerEntries(Entries, (entry) => send(url, entry));
      },
    ),
  };
}

function receiveActions(queues: Queues): JsonActionTable {
  return {
    ReceiveMessage: jsonAction(
      z.strictObject({
        QueueUrl,
        MaxNumberOfMessages: z.number().default(1),
        WaitTimeSeconds: z.number().optional(),
        VisibilityTimeout: z.number().optional(),
        AttributeNames: z.array(z.string()).default([]),
        MessageSystemAttributeNames: z.array(z.string()).default([]),
        MessageAttributeNames: z.array(z.string()).default([]),
      }),
      async (input) => {
        const queue = getQueue(queues, input.QueueUrl);
        const messages = await receiveMessages(queue, {
          max: input.MaxNumberOfMessages,
          waitSeconds: input.WaitTimeSeconds ?? queue.settings.waitSeconds,
          visibilitySeconds: input.VisibilityTimeout,
        });
        const systemNames = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
        return messages.length === 0
          ? {}
          : { Messages: messages.map((message) => describeMessage(message, systemNames, input.MessageAttributeNames)) };
      },
    ),
    DeleteMessage: jsonAction(z.strictObject({ QueueUrl, ReceiptHandle: z.string() }), ({ QueueUrl: url, ReceiptHandle }) => {
      deleteMessage(getQueue(queues, url), ReceiptHandle);
      return {};
    }),
    DeleteMessageBatch: jsonAction(
      z.strictObject({ QueueUrl, Entries: z.array(z.strictObject({ Id: z.string(), ReceiptHandle: z.string() })) }),
      ({ QueueUrl: url, Entries }) => {
        const queue = getQueue(queues, url);
        refuseBatch(Entries.length, 0);
        return answerEntries(Entries, (entry) => {
          deleteMessage(queue, entry.ReceiptHandle);
          return {};
        });
      },
    ),
    ChangeMessageVisibility: jsonAction(
      z.strictObject({ QueueUrl, ReceiptHandle: z.string(), VisibilityTimeout: z.number() }),
      ({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }) => {
        changeVisibility(getQueue(queues, url), ReceiptHandle, VisibilityTimeout);
        return {};
      },
    ),
  };
}

/** Each entry of a batch succeeds or is refused on its own. */
function answerEntries<Entry extends { Id: string }>(entries: readonly Entry[], act: (entry: Entry) => object): object {
  if (!entries.every((entry) => /^[\w-]{1,80}$/.test(entry.Id))) {
    throw new AwsError("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores.");
  }
  if (new Set(entries.map((entry) => entry.Id)).size < entries.length) {
    throw new AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  }
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function describeMessage(message: ReceivedMessage, systemNames: readonly string[], attributeNames: readonly string[]): object {
  const system = {
    SenderId: "local",
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
  };
  const attributes = pick(message.attributes, attributeNames);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: message.bodyMd5,
    Attributes: pick(system, systemNames),
    ...(attributes === undefined ? {} : { MessageAttributes: attributes, MD5OfMessageAttributes: message.attributesMd5 }),
  };
}

function pick<Value>(all: Readonly<Record<string, Value>>, names: readonly string[]): Record<string, Value> | undefined {
  const isWanted = names.includes("All") || names.includes(".*") ? () => true : (name: string) => names.includes(name);
  const wanted = Object.entries(all).filter(([name]) => isWanted(name));
  return wanted.length === 0 ? undefined : Object.fromEntries(wanted);
}
