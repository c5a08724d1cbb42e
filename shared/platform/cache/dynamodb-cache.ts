import type { AttributeValue, DynamoDBClient, UpdateItemCommandInput, UpdateItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { getDynamoDbClient } from "../aws/dynamodb.ts";
import type { Cache } from "./cache.ts";

export type DynamoDbCacheOptions = { readonly client?: () => Promise<DynamoDBClient>; readonly now?: () => number };

/** Changes that meet another change in between; more than one in a row is rare, and none is known to need more. */
const TRIES = 10;

/**
 * A cache in a DynamoDB table with the key `pk`, whose items vanish after `ttl`. Its items may stand among others: their keys begin with
 * `cache#`. For who would rather pay for each call than for a server that waits.
 * @param now milliseconds
 */
export function createDynamoDbCache(table: string, { client = getDynamoDbClient, now = Date.now }: DynamoDbCacheOptions = {}): Cache {
  const keyOf = (key: string) => ({ TableName: table, Key: { pk: { S: `cache#${key}` } } });
  /** In seconds since the epoch; DynamoDB deletes when it finds the time, so readers look at it themselves. */
  const nowSeconds = () => Math.floor(now() / 1_000);

  async function get(key: string): Promise<string | undefined> {
    const [dynamo, { GetItemCommand }] = await load(client);
    const { Item } = await dynamo.send(new GetItemCommand({ ...keyOf(key), ConsistentRead: true }));
    if (Item === undefined || Number(Item["ttl"]?.N) <= nowSeconds()) return undefined;
    return Item["text"]?.S ?? Item["number"]?.N;
  }

  async function set(key: string, value: string, { ttlSeconds }: { ttlSeconds: number }): Promise<void> {
    const [dynamo, { PutItemCommand }] = await load(client);
    const { TableName, Key } = keyOf(key);
    await dynamo.send(new PutItemCommand({ TableName, Item: { ...Key, text: { S: value }, ttl: numberOf(nowSeconds() + ttlSeconds) } }));
  }

  /** Two conditional updates decide between them, whoever else writes: the number becomes `value`, or is at least that and stays. */
  async function raise(key: string, value: number, { ttlSeconds }: { ttlSeconds: number }): Promise<number> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const given = { ":value": numberOf(value), ":now": numberOf(nowSeconds()), ":ttl": numberOf(nowSeconds() + ttlSeconds) };
      const raised = await update({
        ...keyOf(key),
        UpdateExpression: "SET #number = :value, #ttl = :ttl REMOVE #text",
        ConditionExpression: "attribute_not_exists(#number) OR #number < :value OR #ttl <= :now",
        ExpressionAttributeNames: { "#number": "number", "#ttl": "ttl", "#text": "text" },
        ExpressionAttributeValues: given,
      });
      if (raised !== undefined) return value;
      const kept = await update({
        ...keyOf(key),
        UpdateExpression: "SET #ttl = :ttl",
        ConditionExpression: "#number >= :value AND #ttl > :now",
        ExpressionAttributeNames: { "#number": "number", "#ttl": "ttl" },
        ExpressionAttributeValues: given,
        ReturnValues: "ALL_NEW",
      });
      if (kept !== undefined) return Number(kept.Attributes?.["number"]?.N);
    }
    throw new Error(`the number at ${key} changed ${TRIES} times while it was to be raised`);
  }

  /** Undefined when the condition does not hold. */
  async function update(input: UpdateItemCommandInput): Promise<UpdateItemCommandOutput | undefined> {
    const [dynamo, { UpdateItemCommand, ConditionalCheckFailedException }] = await load(client);
    try {
      return await dynamo.send(new UpdateItemCommand(input));
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  // The client is the process's own, and others use it.
  return { get, set, raise, close: async () => undefined };
}

function load(client: () => Promise<DynamoDBClient>) {
  return Promise.all([client(), import("@aws-sdk/client-dynamodb")]);
}

function numberOf(value: number): AttributeValue {
  return { N: String(value) };
}
