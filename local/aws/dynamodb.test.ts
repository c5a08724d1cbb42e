import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoDb, type TableDefinition } from "./dynamodb.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynamodb-"));
});
afterAll(() => rm(folder, { recursive: true }));

const tables: TableDefinition[] = [
  { name: "identity", partitionKey: "pk" },
  { name: "requests", partitionKey: "pk", sortKey: "sk" },
];

it("keeps items over a restart and refuses a conditional write that does not hold", async () => {
  const put = new PutItemCommand({
    TableName: "identity",
    Item: { pk: { S: "key#1" }, workspace: { S: "w" } },
    ConditionExpression: "attribute_not_exists(pk)",
  });

  await withDatabase((client) => client.send(put));
  const [item, again] = await withDatabase(async (client) => [
    (await client.send(new GetItemCommand({ TableName: "identity", Key: { pk: { S: "key#1" } } }))).Item,
    await client.send(put).catch((error: unknown) => error),
  ]);

  expect(item).toEqual({ pk: { S: "key#1" }, workspace: { S: "w" } });
  expect(again).toMatchObject({ name: "ConditionalCheckFailedException" });
});

it("creates tables with a sort key and listens on this machine only", async () => {
  const host = await withDatabase(async (client, hostname) => {
    await client.send(new PutItemCommand({ TableName: "requests", Item: { pk: { S: "a" }, sk: { S: "b" } } }));
    return hostname;
  });

  expect(host).toBe("127.0.0.1");
});

it("costs nothing when it was never needed", async () => {
  await expect(createDynamoDb(join(folder, "never"), tables).close()).resolves.toBeUndefined();
});

async function withDatabase<Answer>(use: (client: DynamoDBClient, hostname: string) => Promise<Answer>): Promise<Answer> {
  const database = createDynamoDb(folder, tables);
  const { hostname } = await database.endpoint();
  const client = new DynamoDBClient({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoint: database.endpoint,
  });
  try {
    return await use(client, hostname);
  } finally {
    client.destroy();
    await database.close();
  }
}
