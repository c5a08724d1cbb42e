import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoDb } from "../local/aws/dynamodb.ts";
import type { LookupTable } from "../shared/platform/aws/lookup-table.ts";

/** The DynamoDB table of the API and the authorizer, empty, on this machine. */
export async function openLookupTable(): Promise<{ table: LookupTable; close: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-lookups-"));
  const database = createDynamoDb(folder, [{ name: "lookups", partitionKey: "pk" }]);
  const endpoint = await database.endpoint();
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } });
  return {
    table: { name: () => "lookups", client: async () => client },
    async close() {
      client.destroy();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
