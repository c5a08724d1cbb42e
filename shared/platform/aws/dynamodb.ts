import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientOptions } from "./client-options.ts";
import { lazyClient } from "./lazy-client.ts";

export const getDynamoDbClient: () => Promise<DynamoDBClient> = lazyClient(async () => {
  const { DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  return new DynamoDBClient(clientOptions("dynamodb"));
});
