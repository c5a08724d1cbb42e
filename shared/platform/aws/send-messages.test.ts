import { afterEach, beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { type SdkRequest, setRequestHandler } from "./client-options.ts";
import { MessagesNotSent, type OutgoingMessage, sendMessages } from "./send-messages.ts";

const Batch = z.object({
  QueueUrl: z.string(),
  Entries: z.array(z.looseObject({ Id: z.string(), MessageBody: z.string() })),
});
type Batch = z.infer<typeof Batch>;

let batches: Batch[] = [];
let answer: (batch: Batch) => object = () => ({ Successful: [], Failed: [] });

beforeEach(() => {
  batches = [];
  answer = () => ({ Successful: [], Failed: [] });
  setRequestHandler({
    async handle(request: SdkRequest) {
      const batch = Batch.parse(JSON.parse(request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : ""));
      batches.push(batch);
      return { response: { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(answer(batch))) } };
    },
  });
});

afterEach(() => setRequestHandler(undefined));

it("sends bodies as JSON in batches of ten, with delay, group and attributes where given", async () => {
  const messages: OutgoingMessage[] = Array.from({ length: 12 }, (_, n) => ({ body: { n } }));
  messages[11] = { body: "last", delaySeconds: 60, groupId: "tenant", attributes: { traceparent: "00-ab-cd-01" } };

  await sendMessages("http://sqs.invalid/0/work", messages);

  expect(batches.map((batch) => batch.Entries.length)).toEqual([10, 2]);
  expect(batches[0]).toMatchObject({
    QueueUrl: "http://sqs.invalid/0/work",
    Entries: [{ Id: "0", MessageBody: '{"n":0}' }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
  });
  expect(batches[1]?.Entries[1]).toEqual({
    Id: "11",
    MessageBody: '"last"',
    DelaySeconds: 60,
    MessageGroupId: "tenant",
    MessageAttributes: { traceparent: { DataType: "String", StringValue: "00-ab-cd-01" } },
  });
});

it("starts a new batch before the bytes of one pass 1 MiB, attributes counted", async () => {
  const half = { body: "x".repeat(524_288 - 2 - "kStringv".length), attributes: { k: "v" } };

  await sendMessages("http://sqs.invalid/0/work", [half, half, { body: 1 }, { body: "ü".repeat(500_000) }, { body: "y".repeat(50_000) }]);

  expect(batches.map((batch) => batch.Entries.map((entry) => entry.Id))).toEqual([["0", "1"], ["2", "3"], ["4"]]);
});

it("escapes the characters that SQS refuses in a body, and changes no value", async () => {
  const body = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).join("");

  await sendMessages("http://sqs.invalid/0/work", [{ body }]);

  const sent = batches[0]?.Entries[0]?.MessageBody ?? "";
  expect(sent).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
  expect(JSON.parse(sent)).toBe(body);
});

it("sends nothing for no messages", async () => {
  await sendMessages("http://sqs.invalid/0/work", []);

  expect(batches).toEqual([]);
});

it("throws with the indexes of the messages that were refused, from every batch", async () => {
  answer = ({ Entries }) => ({
    Successful: [],
    Failed: Entries.filter((entry) => ["3", "11"].includes(entry.Id)).map(({ Id }) => ({
      Id,
      Code: "InternalError",
      Message: "try again",
      SenderFault: false,
    })),
  });

  const sending = sendMessages(
    "http://sqs.invalid/0/work",
    Array.from({ length: 12 }, (_, n) => ({ body: n })),
  );

  await expect(sending).rejects.toThrow(MessagesNotSent);
  await expect(sending).rejects.toMatchObject({ failed: [3, 11], cause: { message: "SQS refused a message: InternalError: try again" } });
});

it("counts every message of a call that failed as not sent, and still sends the other batches", async () => {
  answer = ({ Entries }) => {
    if (Entries.length === 10) throw new Error("connection lost");
    return { Successful: [], Failed: [] };
  };

  const sending = sendMessages(
    "http://sqs.invalid/0/work",
    Array.from({ length: 11 }, (_, n) => ({ body: n })),
  );

  await expect(sending).rejects.toMatchObject({ failed: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], cause: { message: "connection lost" } });
  expect(batches.map((batch) => batch.Entries.length)).toEqual([10, 1]);
});
