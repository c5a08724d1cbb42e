import { mkdir, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { setImmediate } from "node:timers/promises";
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
      const running = await started?.catch(() => undefined);
      if (running === undefined) return;
      started = undefined;
      await stop(running.server);
    },
  };
}

async function start(folder: string, tables: readonly TableDefinition[]): Promise<{ server: Server; endpoint: ServiceEndpoint }> {
  const first = await open(folder);
  if (await createTables(first.endpoint, tables)) return first;
  // A process that died while it made a table leaves one that never becomes active. It was never written to, so nothing is lost with it.
  await stop(first.server);
  await rm(folder, { recursive: true, force: true });
  const second = await open(folder);
  if (await createTables(second.endpoint, tables)) return second;
  throw new Error("dynalite makes no table that becomes active");
}

async function open(folder: string): Promise<{ server: Server; endpoint: ServiceEndpoint }> {
  const [{ default: dynalite }] = await Promise.all([import("dynalite"), mkdir(folder, { recursive: true })]);
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("dynalite listens on no port");
  return { server, endpoint: { protocol: "http:", hostname: "127.0.0.1", port: address.port, path: "/" } };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}

/** Looks at a new table before it is taken to be stuck; one that is not stuck is active after a turn or two of the event loop. */
const LOOKS = 200;

/** False when one of them does not become active. */
async function createTables(endpoint: ServiceEndpoint, tables: readonly TableDefinition[]): Promise<boolean> {
  for (const table of tables) {
    await createTable(endpoint, table);
    if (!(await becomesActive(endpoint, table.name))) return false;
  }
  return true;
}

async function becomesActive(endpoint: ServiceEndpoint, name: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { text } = await callDynamoDb(endpoint, "DescribeTable", { TableName: name });
    if (text.includes('"TableStatus":"ACTIVE"')) return true;
    await setImmediate();
  }
  return false;
}

async function createTable(endpoint: ServiceEndpoint, { name, partitionKey, sortKey }: TableDefinition): Promise<void> {
  const keys = [
    { AttributeName: partitionKey, KeyType: "HASH" },
    ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: "RANGE" }]),
  ];
  const { ok, text } = await callDynamoDb(endpoint, "CreateTable", {
    TableName: name,
    KeySchema: keys,
    AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: "S" })),
    BillingMode: "PAY_PER_REQUEST",
  });
  if (!ok && !text.includes("ResourceInUseException")) throw new Error(`dynalite cannot create the table ${name}: ${text}`);
}

/** By plain HTTP: loading the SDK's client for this alone would take longer than starting the database. */
async function callDynamoDb({ hostname, port }: ServiceEndpoint, action: string, input: object): Promise<{ ok: boolean; text: string }> {
  const response = await fetch(`http://${hostname}:${port}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${action}`,
      "x-amz-date": "20260101T000000Z",
      authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: JSON.stringify(input),
  });
  return { ok: response.ok, text: await response.text() };
}
