import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { createS3RequestHandler } from "../../local/aws/s3-front.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import type { WorkspaceFiles } from "../../shared/tools/workspace-files.ts";

/** An empty workspace in the embedded S3, in a folder of its own that goes with the test. */
export async function createWorkspace(): Promise<WorkspaceFiles> {
  const folder = await mkdtemp(join(tmpdir(), "cognition-workspace-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const s3 = new S3Client({
    region: "us-east-1",
    endpoint: "http://s3.invalid",
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: await createS3RequestHandler(folder, ["workspaces"]),
  });
  return { s3, bucket: "workspaces", workspaceId: uuidv7(), runId: uuidv7() };
}
