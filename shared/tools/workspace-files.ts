import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { AppError, invalidRequest, notFound } from "../platform/errors.ts";
import { WorkspacePath } from "./contracts/workspace-path.ts";

/** The files of one run: objects below `workspaces/<workspace_id>/<run_id>/`. */
export type WorkspaceFiles = { readonly s3: S3Client; readonly bucket: string; readonly workspaceId: string; readonly runId: string };

export type WorkspaceFile = { path: string; bytes: number };

/** All files of the run, by path in the order of their bytes. */
export async function listFiles(workspace: WorkspaceFiles, signal?: AbortSignal): Promise<WorkspaceFile[]> {
  const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  const prefix = toKey(workspace, "");
  const pages = paginateListObjectsV2({ client: workspace.s3 }, { Bucket: workspace.bucket, Prefix: prefix }, toOptions(signal));
  const files: WorkspaceFile[] = [];
  for await (const page of pages) {
    for (const { Key = "", Size = 0 } of page.Contents ?? []) files.push({ path: Key.slice(prefix.length), bytes: Size });
  }
  return files;
}

/**
 * The content of a file.
 * @param path any text: one that is no WorkspacePath names no file
 * @throws AppError `not-found`; `too-large` when the file has more than `maxBytes`
 */
export async function readFile(workspace: WorkspaceFiles, path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  const { GetObjectCommand, NoSuchKey } = await import("@aws-sdk/client-s3");
  if (!WorkspacePath.safeParse(path).success) throw noSuchFile(path);
  try {
    const object = await workspace.s3.send(
      new GetObjectCommand({ Bucket: workspace.bucket, Key: toKey(workspace, path) }),
      toOptions(signal),
    );
    if (object.ContentLength === undefined || object.ContentLength > maxBytes || object.Body === undefined) {
      throw new AppError("too-large", `The file ${path} has ${object.ContentLength} bytes; at most ${maxBytes} can be read`);
    }
    return await object.Body.transformToByteArray();
  } catch (error) {
    throw error instanceof NoSuchKey ? noSuchFile(path) : error;
  }
}

/**
 * Puts a file in place of what was at its path. `bytes` and `sha256` (hex) are those of what is stored; text is stored as UTF-8.
 * @throws AppError `invalid-request` when `path` is no WorkspacePath
 */
export async function writeFile(
  workspace: WorkspaceFiles,
  path: string,
  content: Uint8Array | string,
  signal?: AbortSignal,
): Promise<{ path: string; bytes: number; sha256: string }> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  if (!WorkspacePath.safeParse(path).success) throw invalidRequest(`${JSON.stringify(path)} is not a path in a workspace`);
  const body = typeof content === "string" ? Buffer.from(content) : content;
  await workspace.s3.send(
    new PutObjectCommand({ Bucket: workspace.bucket, Key: toKey(workspace, path), Body: body, ContentLength: body.byteLength }),
    toOptions(signal),
  );
  return { path, bytes: body.byteLength, sha256: hashBytes(body) };
}

/** SHA-256 in hex. */
export function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function toKey({ workspaceId, runId }: WorkspaceFiles, path: string): string {
  return `workspaces/${workspaceId}/${runId}/${path}`;
}

function toOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

const noSuchFile = (path: string): AppError => notFound(`The file ${JSON.stringify(path.slice(0, 255))}`);
