import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import type { ServiceEndpoint } from "../../shared/platform/aws/client-options.ts";

/** Keys are strings; everything else about an item is DynamoDB's own business. */
export type TableDefinition = { readonly name: string; readonly partitionKey: string; readonly sortKey?: string };

export type DynamoDb = {
  /** Where the SDK reaches it. The first call starts it and creates the tables. */
  endpoint(): Promise<ServiceEndpoint>;
  close(): Promise<void>;
};

/** DynamoDB on this machine (dynalite), kept in `folder`, started when it is first needed and reachable from this machine only. */
export function createDynamoDb(folder: string, tables: readonly TableDefinition[]): DynamoDb {
  let started: Promise<{ server: Server; endpoint: ServiceEndpoint }> | undefined;
  return {
    async endpoint() {
      started ??= start(folder, tables);
      return (await started).endpoint;
    },
    async close() {
      const running = await started;
      if (running === undefined) return;
      started = undefined;
      running.server.closeAllConnections();
      await new Promise<void>((resolve, reject) => running.server.close((error) => (error ? reject(error) : resolve())));
    },
  };
}

async function start(folder: string, tables: readonly TableDefinition[]): Promise<{ server: Server; endpoint: ServiceEndpoint }> {
  const [{ default: dynalite }] = await Promise.all([import("dynalite"), mkdir(folder, { recursive: true })]);
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("dynalite listens on no port");
  const endpoint = { protocol: "http:", hostname: "127.0.0.1", port: address.port, path: "/" };
  for (const table of tables) await createTable(endpoint, table);
  return { server, endpoint };
}

/** By plain HTTP: loading the SDK's client for this alone would take longer than starting the database. */
async function createTable({ hostname, port }: ServiceEndpoint, { name, partitionKey, sortKey }: TableDefinition): Promise<void> {
  const keys = [
    { AttributeName: partitionKey, KeyType: "HASH" },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: "RANGE" }]),
  ];
  const response = await fetch(`http://${hostname}:${port}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.CreateTable",
      "x-amz-date": "20260101T000000Z",
      authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify({
      TableName: name,
      KeySchema: keys,
      AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" })),
      BillingMode: "PAY_PER_REQUEST",
    }),
  });
  const answer = await response.text();
  if (!response.ok && !answer.includes("ResourceInUseException")) throw new Error(`dynalite cannot create the table ${name}: ${answer}`);
}
