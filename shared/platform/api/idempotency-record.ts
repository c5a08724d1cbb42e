import { DeleteItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import type { LookupTable } from "../aws/lookup-table.ts";

/** One request with an Idempotency-Key: who carries it out until when, and later its answer. */
export type IdempotencyRecord = {
  readonly key: string;
  readonly requestHash: string;
  /** The id that the request's use-case was given, on its first try and on any later one. */
  readonly newId: string;
  /** Milliseconds since the epoch; a try that has not answered by then is dead. */
  readonly lockedUntil: number;
  /** JSON; absent while the first try runs. */
  readonly answer?: string;
};

/** Seconds that an answer is kept. */
const KEPT_SECONDS = 24 * 60 * 60;

const Item = z.object({
  pk: z.object({ S: z.string() }),
  request_hash: z.object({ S: z.string() }),
  new_id: z.object({ S: z.string() }),
  locked_until: z.object({ N: z.coerce.number() }),
  answer: z.object({ S: z.string() }).optional(),
});

/** Writes the record unless there is one that is not older than a day. Returns whether it was written. */
export async function insertRecord(table: LookupTable, record: IdempotencyRecord, now: Date): Promise<boolean> {
  const client = await table.client();
  const seconds = Math.floor(now.getTime() / 1000);
  return isConditionMet(
    client.send(
      new PutItemCommand({
        TableName: table.name(),
        Item: {
          pk: { S: record.key },
          request_hash: { S: record.requestHash },
          new_id: { S: record.newId },
          locked_until: { N: String(record.lockedUntil) },
          ttl: { N: String(seconds + KEPT_SECONDS) },
        },
        // DynamoDB deletes expired items when it finds the time.
        ConditionExpression: "attribute_not_exists(pk) OR #ttl <= :now",
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ExpressionAttributeValues: { ":now": { N: String(seconds) } },
      }),
    ),
  );
}

export async function findRecord(table: LookupTable, key: string): Promise<IdempotencyRecord | undefined> {
  const client = await table.client();
  const found = await client.send(new GetItemCommand({ TableName: table.name(), Key: { pk: { S: key } }, ConsistentRead: true }));
  if (found.Item === undefined) return undefined;
  const item = Item.parse(found.Item);
  return {
    key: item.pk.S,
    requestHash: item.request_hash.S,
    newId: item.new_id.S,
    lockedUntil: item.locked_until.N,
    ...(item.answer === undefined ? {} : { answer: item.answer.S }),
  };
}

/** Takes over from a try that died. Returns whether this one did, and not another. */
export async function takeOverRecord(table: LookupTable, dead: IdempotencyRecord, lockedUntil: number): Promise<boolean> {
  const client = await table.client();
  return isConditionMet(
    client.send(
      new UpdateItemCommand({
        TableName: table.name(),
        Key: { pk: { S: dead.key } },
        UpdateExpression: "SET locked_until = :until",
        ConditionExpression: "locked_until = :dead AND attribute_not_exists(answer)",
        ExpressionAttributeValues: { ":until": { N: String(lockedUntil) }, ":dead": { N: String(dead.lockedUntil) } },
      }),
    ),
  );
}

/** Keeps the answer, unless another try has taken over. */
export async function storeAnswer(table: LookupTable, record: IdempotencyRecord, answer: string): Promise<void> {
  const client = await table.client();
  await isConditionMet(
    client.send(
      new UpdateItemCommand({
        TableName: table.name(),
        Key: { pk: { S: record.key } },
        UpdateExpression: "SET answer = :answer",
        ConditionExpression: "locked_until = :until",
        ExpressionAttributeValues: { ":answer": { S: answer }, ":until": { N: String(record.lockedUntil) } },
      }),
    ),
  );
}

/** Frees the key after a try that failed, unless another try has taken over. */
export async function deleteRecord(table: LookupTable, record: IdempotencyRecord): Promise<void> {
  const client = await table.client();
  await isConditionMet(
    client.send(
      new DeleteItemCommand({
        TableName: table.name(),
        Key: { pk: { S: record.key } },
        ConditionExpression: "locked_until = :until",
        ExpressionAttributeValues: { ":until": { N: String(record.lockedUntil) } },
      }),
    ),
  );
}

/** Whether the condition of a write held. */
async function isConditionMet(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
