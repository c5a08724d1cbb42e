import { getS3Client } from "../../platform/aws/s3.ts";
import { readVariable } from "../../platform/config/env.ts";
import { AppError } from "../../platform/errors.ts";
import type { WorkspaceFiles } from "../../tools/workspace-files.ts";
import { MAX_FILE_BYTES } from "../contracts/runs.ts";
import type { RunFiles } from "./bind-runs.ts";

const load = () => import("../../tools/workspace-files.ts");

/** The workspaces of runs in the bucket that WORKSPACE_BUCKET names. */
export const s3RunFiles: RunFiles = {
  async store({ path, ...place }, content) {
    const { writeFile } = await load();
    await writeFile(await workspaceOf(place), path, content);
  },
  async list(place) {
    const { listFiles } = await load();
    return listFiles(await workspaceOf(place));
  },
  async find({ path, ...place }) {
    const { readFile } = await load();
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
