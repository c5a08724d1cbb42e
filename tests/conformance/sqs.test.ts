import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import { describe, expect, it } from "vitest";
import { createAgenda } from "../../local/aws/agenda.ts";
import { systemClock } from "../../local/aws/clock.ts";
import { createQueues } from "../../local/aws/queues.ts";
import { createSqsRequestHandler } from "../../local/aws/sqs-request-handler.ts";

/**
 * One suite, two implementations: our queue behind the SDK's request handler, and fauxqs over HTTP. What the system relies on must
 * be true of both. Waiting is done by long polls, as a consumer does it.
 */
const implementations = [
  { name: "the embedded queue", open: openEmbedded },
  { name: "fauxqs over HTTP", open: openFauxqs },
];

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

async function openEmbedded() {
  const requestHandler = createSqsRequestHandler(createQueues(createAgenda(systemClock)));
  const client = new SQSClient({
    region: "us-east-1",
    endpoint: "http://sqs.invalid",
    credentials,
    requestHandler,
    useQueueUrlAsEndpoint: false,
  });
  return { client, close: async () => {} };
}

async function openFauxqs() {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: "127.0.0.1", port: 0 });
  const client = new SQSClient({ region: "us-east-1", endpoint, credentials, useQueueUrlAsEndpoint: false });
  return { client, close: async () => app.close() };
}

describe.each(implementations)("$name", ({ open }) => {
  it("answers a queue's URL when it is created, when it is created again and when it is asked by name", async () => {
    await using queue = await openQueue(open);

    const again = await queue.client.send(new CreateQueueCommand({ QueueName: queue.name }));
    const byName = await queue.client.send(new GetQueueUrlCommand({ QueueName: queue.name }));

    expect(again.QueueUrl).toBe(queue.url);
    expect(byName.QueueUrl).toBe(queue.url);
  });

  it("refuses a queue of the same name with another setting, and an unknown queue", async () => {
    await using queue = await openQueue(open);

    const other = queue.client.send(new CreateQueueCommand({ QueueName: queue.name, Attributes: { VisibilityTimeout: "77" } }));
    const unknown = queue.client.send(new SendMessageCommand({ QueueUrl: `${queue.url}-no`, MessageBody: "x" }));

    expect(await errorName(other)).toBe("QueueNameExists");
    expect(await errorName(unknown)).toBe("QueueDoesNotExist");
  });

  it("delivers a message with its body, digests, attributes and system attributes", async () => {
    await using queue = await openQueue(open);
    const attributes = { traceparent: { DataType: "String", StringValue: "00-ab-cd-01" }, n: { DataType: "Number", StringValue: "3" } };

    const sent = await queue.client.send(
      new SendMessageCommand({ QueueUrl: queue.url, MessageBody: '{"text":"grün"}', MessageAttributes: attributes }),
    );
    const [message] = await queue.receive({ MessageAttributeNames: ["All"], MessageSystemAttributeNames: ["All"] });

    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: '{"text":"grün"}',
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: attributes,
      Attributes: { ApproximateReceiveCount: "1", SentTimestamp: expect.stringMatching(/^\d{13}$/) },
    });
  });

  it("leaves attributes out unless they are asked for", async () => {
    await using queue = await openQueue(open);
    await queue.client.send(
      new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "x", MessageAttributes: { a: { DataType: "String", StringValue: "1" } } }),
    );

    const [message] = await queue.receive();

    expect(message?.Attributes).toBeUndefined();
  });

  it("receives in the order of sending, up to the number asked for", async () => {
    await using queue = await openQueue(open);
    await queue.send(["a", "b", "c", "d"]);

    const first = await queue.receive({ MaxNumberOfMessages: 3 });
    const second = await queue.receive({ MaxNumberOfMessages: 3 });

    expect(first.map((message) => message.Body)).toEqual(["a", "b", "c"]);
    expect(second.map((message) => message.Body)).toEqual(["d"]);
  });

  it("answers nothing from an empty queue", async () => {
    await using queue = await openQueue(open);

    expect(await queue.receive()).toEqual([]);
  });

  it("shows a message at once when its visibility is set to zero, and refuses that for one that is not in flight", async () => {
    await using queue = await openQueue(open);
    await queue.send(["a"]);
    const [message] = await queue.receive();
    const change = { QueueUrl: queue.url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 };

    await queue.client.send(new ChangeMessageVisibilityCommand(change));
    const again = await queue.receive();
    await queue.deleteAll(again);

    expect(again).toHaveLength(1);
    expect(await errorName(queue.client.send(new ChangeMessageVisibilityCommand(change)))).toBe("MessageNotInflight");
  });

  it("moves a message that was received too often to the dead-letter queue", async () => {
    await using dead = await openQueue(open);
    const { Attributes } = await dead.client.send(new GetQueueAttributesCommand({ QueueUrl: dead.url, AttributeNames: ["QueueArn"] }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.["QueueArn"], maxReceiveCount: 2 });
    const queue = await dead.sibling({ VisibilityTimeout: "0", RedrivePolicy });
    await queue.send(["poison"]);

    const receives = [await queue.receive(), await queue.receive(), await queue.receive()];
    const [buried] = await dead.receive();

    expect(receives.map((messages) => messages.length)).toEqual([1, 1, 0]);
    expect(buried).toMatchObject({ Body: "poison", MessageId: receives[0]?.[0]?.MessageId });
  });

  it("counts visible, hidden and delayed messages", async () => {
    await using queue = await openQueue(open);
    await queue.send(["a", "b", "c"]);
    await queue.client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "later", DelaySeconds: 60 }));
    await queue.receive();

    const { Attributes } = await queue.client.send(new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["All"] }));

    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: "2",
      ApproximateNumberOfMessagesNotVisible: "1",
      ApproximateNumberOfMessagesDelayed: "1",
      VisibilityTimeout: "30",
      DelaySeconds: "0",
    });
  });

  it("takes a message of exactly 1 MiB, its attributes counted, and refuses one byte more", async () => {
    await using queue = await openQueue(open);
    const MessageAttributes = { key: { DataType: "String", StringValue: "value" } };
    const room = 1_048_576 - "keyStringvalue".length;

    await queue.client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "x".repeat(room), MessageAttributes }));
    const tooLong = queue.client.send(
      new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "x".repeat(room + 1), MessageAttributes }),
    );

    expect(await errorName(tooLong)).toBe("InvalidParameterValue");
  });

  it.each([
    ["no entry", [], "EmptyBatchRequest"],
    ["eleven entries", Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: "x" })), "TooManyEntriesInBatchRequest"],
    ["more than 1 MiB in sum", ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(524_289) })), "BatchRequestTooLong"],
    ["the same id twice", ["a", "a"].map((Id) => ({ Id, MessageBody: "x" })), "BatchEntryIdsNotDistinct"],
    ["an id with a space", [{ Id: "a b", MessageBody: "x" }], "InvalidBatchEntryId"],
  ])("refuses a batch with %s and sends none of it", async (_, Entries, name) => {
    await using queue = await openQueue(open);

    expect(await errorName(queue.client.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries })))).toBe(name);

    expect(await queue.receive()).toEqual([]);
  });

  it("sends the good entries of a batch and names the bad one", async () => {
    await using queue = await openQueue(open);

    const answer = await queue.client.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: [
          { Id: "good", MessageBody: "x" },
          { Id: "bad", MessageBody: "\u0001" },
        ],
      }),
    );

    expect(answer.Successful?.map((entry) => entry.Id)).toEqual(["good"]);
    expect(answer.Failed).toMatchObject([{ Id: "bad", Code: "InvalidMessageContents", SenderFault: true }]);
  });

  it("refuses a receive of more than ten messages and a wait over twenty seconds", async () => {
    await using queue = await openQueue(open);

    expect(await errorName(queue.receive({ MaxNumberOfMessages: 11 }))).toBe("InvalidParameterValue");
    expect(await errorName(queue.receive({ WaitTimeSeconds: 21 }))).toBe("InvalidParameterValue");
  });

  // These wait for the clock, so they wait together.
  it.concurrent("hides a received message, shows it again after its visibility timeout and counts the receives", async () => {
    await using queue = await openQueue(open, { VisibilityTimeout: "2" });
    await queue.send(["a"]);
    const [first] = await queue.receive();
    const hidden = await queue.receive();

    const [second] = await queue.receive({ WaitTimeSeconds: 5, MessageSystemAttributeNames: ["ApproximateReceiveCount"] });

    expect(hidden).toEqual([]);
    expect(second).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: "2" } });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it.concurrent("keeps a delayed message back until it is due", async () => {
    await using queue = await openQueue(open);
    await queue.client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "later", DelaySeconds: 2 }));
    const tooEarly = await queue.receive();

    const [message] = await queue.receive({ WaitTimeSeconds: 5 });

    expect(tooEarly).toEqual([]);
    expect(message?.Body).toBe("later");
  });

  it.concurrent("wakes a long poll when a message comes, and ends one that waited in vain", async () => {
    await using queue = await openQueue(open);

    const polling = queue.receive({ WaitTimeSeconds: 10 });
    await queue.send(["news"]);
    const news = await polling;
    const vain = await queue.receive({ WaitTimeSeconds: 1 });

    expect(news.map((message) => message.Body)).toEqual(["news"]);
    expect(vain).toEqual([]);
  });

  it.concurrent("never delivers a deleted message again, and deletes twice without complaint", async () => {
    await using queue = await openQueue(open, { VisibilityTimeout: "2" });
    await queue.send(["a", "b"]);
    const messages = await queue.receive({ MaxNumberOfMessages: 10 });

    await queue.deleteAll(messages);
    await queue.client.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle: messages[0]?.ReceiptHandle }));

    expect(await queue.receive({ WaitTimeSeconds: 3 })).toEqual([]);
  });
});

/** fauxqs puts the prefix of the old query protocol before some names; AWS and we do not. */
async function errorName(answer: Promise<unknown>): Promise<string> {
  const error = await answer.then(
    () => new Error("there was no error"),
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.name.replace("AWS.SimpleQueueService.", "") : String(error);
}

let queuesMade = 0;

type Attributes = Record<string, string>;

async function openQueue(open: typeof openEmbedded, attributes: Attributes = {}) {
  const { client, close } = await open();
  const queue = await createQueue(client, attributes);
  return { ...queue, sibling: (own: Attributes) => createQueue(client, own), [Symbol.asyncDispose]: close };
}

async function createQueue(client: SQSClient, attributes: Attributes) {
  queuesMade += 1;
  const name = `queue-${queuesMade}`;
  const { QueueUrl: url = "" } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return {
    client,
    name,
    url,
    async send(bodies: string[]) {
      const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    },
    async receive(options: Omit<ConstructorParameters<typeof ReceiveMessageCommand>[0], "QueueUrl"> = {}) {
      const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: url, ...options }));
      return Messages ?? [];
    },
    async deleteAll(messages: readonly Message[]) {
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    },
  };
}
