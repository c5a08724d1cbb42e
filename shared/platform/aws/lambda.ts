import type { LambdaClient } from "@aws-sdk/client-lambda";
import { clientOptions } from "./client-options.ts";
import { lazyClient } from "./lazy-client.ts";

export const getLambdaClient: () => Promise<LambdaClient> = lazyClient(async () => {
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  return new LambdaClient(clientOptions("lambda"));
});
