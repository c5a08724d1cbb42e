import type { S3Client } from "@aws-sdk/client-s3";
import { clientOptions } from "./client-options.ts";
import { lazyClient } from "./lazy-client.ts";

export const getS3Client: () => Promise<S3Client> = lazyClient(async () => {
  const { S3Client } = await import("@aws-sdk/client-s3");
  return new S3Client(clientOptions("s3"));
});
