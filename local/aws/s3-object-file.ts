import { hash, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";

const ObjectHead = z.strictObject({ contentType: z.string(), etag: z.string(), metadata: z.record(z.string(), z.string()) });
export type ObjectHead = z.infer<typeof ObjectHead>;

export type ObjectInfo = ObjectHead & { readonly bytes: number; readonly modifiedAt: Date };

/** The head's length, then the head as JSON, then the content: one file, so that one rename makes an object appear whole. */
const LENGTH_BYTES = 4;

/** How the name of a file ends that is not yet an object. No object's file is named so. */
export const UNFINISHED = ".writing";

/** Answers the new object's ETag, or undefined when it exists already and `onlyIfAbsent` was asked for. */
export async function writeObject(
  root: string,
  path: string,
  content: Uint8Array,
  head: Omit<ObjectHead, "etag">,
  onlyIfAbsent: boolean,
): Promise<string | undefined> {
  const etag = `"${hash("md5", content)}"`;
  const headText = Buffer.from(JSON.stringify({ ...head, etag }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(headText.length);
  const temporary = join(root, `${randomUUID()}${UNFINISHED}`);
  await mkdir(dirname(join(root, path)), { recursive: true });
  try {
    await writeFile(temporary, Buffer.concat([length, headText, content]));
    if (onlyIfAbsent) await link(temporary, join(root, path));
    else await rename(temporary, join(root, path));
    return etag;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return undefined;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

export async function readObject(root: string, path: string): Promise<{ info: ObjectInfo; content: Uint8Array } | undefined> {
  const info = await readInfo(root, path);
  if (info === undefined) return undefined;
  const file = await ignoreMissing(readFile(join(root, path)));
  return file && { info, content: file.subarray(file.length - info.bytes) };
}

export async function readInfo(root: string, path: string): Promise<ObjectInfo | undefined> {
  const file = await ignoreMissing(open(join(root, path)));
  if (file === undefined) return undefined;
  try {
    const length = Buffer.alloc(LENGTH_BYTES);
    await file.read(length);
    const headText = Buffer.alloc(length.readUInt32BE());
    await file.read(headText, 0, headText.length, LENGTH_BYTES);
    const { size, mtime } = await file.stat();
    const head = ObjectHead.parse(JSON.parse(headText.toString()));
    return { ...head, bytes: size - LENGTH_BYTES - headText.length, modifiedAt: mtime };
  } finally {
    await file.close();
  }
}

export async function ignoreMissing<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
