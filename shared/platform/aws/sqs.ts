import type { SQSClient } from "@aws-sdk/client-sqs";
import { clientOptions } from "./client-options.ts";
import { lazyClient } from "./lazy-client.ts";

export const getSqsClient: () => Promise<SQSClient> = lazyClient(async () => {
  const { SQSClient } = await import("@aws-sdk/client-sqs");
  return new SQSClient(clientOptions("sqs"));
});
