import { getS3Client } from "../platform/aws/s3.ts";
import { readVariable } from "../platform/config/env.ts";
import { AppError } from "../platform/errors.ts";
import { listFiles, readFile, type WorkspaceFiles, writeFile } from "../tools/workspace-files.ts";
import type { RunFiles } from "./bind-runs.ts";
import { MAX_FILE_BYTES } from "./contracts/runs.ts";

/** The workspaces of runs in the bucket that WORKSPACE_BUCKET names. */
export const s3RunFiles: RunFiles = {
  async store({ path, ...place }, content) {
    await writeFile(await workspaceOf(place), path, content);
  },
  async list(place) {
    return listFiles(await workspaceOf(place));
  },
  async find({ path, ...place }) {
    try {
      return await readFile(await workspaceOf(place), path, MAX_FILE_BYTES);
    } catch (error) {
      if (error instanceof AppError && error.code === "not-found") return undefined;
      throw error;
    }
  },
};

async function workspaceOf(place: { workspaceId: string; runId: string }): Promise<WorkspaceFiles> {
  return { s3: await getS3Client(), bucket: readVariable("WORKSPACE_BUCKET"), ...place };
}
