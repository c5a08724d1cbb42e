import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { SdkRequest, SdkRequestHandler, SdkResponse } from "../../shared/platform/aws/client-options.ts";
import { AwsError } from "./aws-error.ts";
import { ignoreMissing, type ObjectInfo, readInfo, readObject, UNFINISHED, writeObject } from "./s3-object-file.ts";
import { objectKey, objectPath, prefixFolder } from "./s3-object-path.ts";

/** The SDK's way to objects kept as files below `folder`, a folder a bucket: what we use of S3, path style, without a socket. */
export async function createS3RequestHandler(folder: string, buckets: readonly string[]): Promise<SdkRequestHandler> {
  const roots = new Map(buckets.map((bucket) => [bucket, join(folder, encodeURIComponent(bucket))]));
  await Promise.all([...roots.values()].map(prepareBucket));
  return {
    async handle(request) {
      try {
        return { response: await act(roots, request) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const text = `<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
        return { response: request.method === "HEAD" ? { statusCode: error.status, headers: {} } : xmlResponse(text, error.status) };
      }
    },
  };
}

/** Also clears away what a killed process was writing. */
async function prepareBucket(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const unfinished = (await readdir(root)).filter((name) => name.endsWith(UNFINISHED));
  await Promise.all(unfinished.map((name) => rm(join(root, name), { force: true })));
}

/** What would change the meaning of a request and is not done here. */
const UNKNOWN_HEADERS = ["range", "if-match", "if-modified-since", "if-unmodified-since", "x-amz-copy-source", "x-amz-checksum-mode"];
const KNOWN_QUERY = new Set(["x-id", "list-type", "prefix", "continuation-token", "max-keys", "start-after"]);

async function act(roots: ReadonlyMap<string, string>, request: SdkRequest): Promise<SdkResponse> {
  const [bucket = "", ...encodedKey] = request.path.slice(1).split("/");
  const key = decodeURIComponent(encodedKey.join("/"));
  const root = roots.get(bucket);
  refuseUnknown(request);
  if (root === undefined) throw new AwsError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404);
  if (key === "") {
    if (request.method === "GET") return listObjects(root, bucket, request);
  } else {
    refuseKey(key);
    if (request.method === "PUT") return putObject(root, key, request);
    if (request.method === "GET") return getObject(root, key);
    if (request.method === "HEAD") return headObject(root, key);
    if (request.method === "DELETE") return deleteObject(root, key);
  }
  throw notImplemented(`${request.method} ${request.path}`);
}

function refuseUnknown({ headers, query = {}, method }: SdkRequest): void {
  const header = [...UNKNOWN_HEADERS, ...(method === "PUT" ? [] : ["if-none-match"])].find((name) => name in headers);
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  if (headers["content-encoding"]?.includes("aws-chunked")) throw notImplemented("bodies in chunks");
  const parameter = Object.keys(query).find((name) => !KNOWN_QUERY.has(name));
  if (parameter !== undefined) throw notImplemented(`the parameter ${parameter}`);
}

function refuseKey(key: string): void {
  if (Buffer.byteLength(key) > 1_024) throw new AwsError("KeyTooLongError", "Your key is too long");
  // Lists are XML, which has no such characters; S3 would need another encoding of them.
  if (/[^\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(key)) throw notImplemented("control characters in keys");
}

async function putObject(root: string, key: string, request: SdkRequest): Promise<SdkResponse> {
  const { headers } = request;
  const onlyIfAbsent = headers["if-none-match"] === "*";
  if (!onlyIfAbsent && headers["if-none-match"] !== undefined) throw notImplemented("If-None-Match with a tag");
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
  const head = { contentType: headers["content-type"] ?? "application/octet-stream", metadata: Object.fromEntries(metadata) };
  const etag = await writeObject(root, objectPath(key), await readContent(request), head, onlyIfAbsent);
  if (etag === undefined) throw new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
  return { statusCode: 200, headers: { etag }, body: new Uint8Array() };
}

async function readContent({ body }: SdkRequest): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof Readable) return buffer(body);
  throw notImplemented("this kind of body");
}

async function getObject(root: string, key: string): Promise<SdkResponse> {
  const object = await readObject(root, objectPath(key));
  if (object === undefined) throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
  return { statusCode: 200, headers: describe(object.info), body: Readable.from([object.content], { objectMode: false }) };
}

async function headObject(root: string, key: string): Promise<SdkResponse> {
  const info = await readInfo(root, objectPath(key));
  if (info === undefined) throw new AwsError("NotFound", "Not Found", 404);
  return { statusCode: 200, headers: describe(info) };
}

async function deleteObject(root: string, key: string): Promise<SdkResponse> {
  await rm(join(root, objectPath(key)), { force: true });
  return { statusCode: 204, headers: {} };
}

function describe({ contentType, etag, bytes, modifiedAt, metadata }: ObjectInfo): Record<string, string> {
  return {
    "content-type": contentType,
    "content-length": String(bytes),
    "last-modified": modifiedAt.toUTCString(),
    etag,
    ...metadata,
  };
}

async function listObjects(root: string, bucket: string, { query = {} }: SdkRequest): Promise<SdkResponse> {
  if (query["list-type"] !== "2") throw notImplemented("ListObjects, the first version");
  const prefix = String(query["prefix"] ?? "");
  const token = query["continuation-token"];
  const after = token === undefined ? String(query["start-after"] ?? "") : Buffer.from(String(token), "base64url").toString();
  const limit = Math.min(Number(query["max-keys"] ?? 1_000), 1_000);
  const found = (await findKeys(root, prefixFolder(prefix)))
    .filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0)
    .toSorted(compareKeys);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > page.length && last !== undefined ? Buffer.from(last).toString("base64url") : undefined;
  const contents = await Promise.all(page.map((key) => describeInXml(root, key)));
  return xmlResponse(
    `<ListBucketResult><Name>${bucket}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>` +
      `<MaxKeys>${limit}</MaxKeys><IsTruncated>${next !== undefined}</IsTruncated>` +
      `${next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`}${contents.join("")}</ListBucketResult>`,
  );
}

/** S3 sorts by bytes, not by UTF-16 units. */
function compareKeys(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

async function findKeys(root: string, folder: string): Promise<string[]> {
  const entries = (await ignoreMissing(readdir(join(root, folder), { withFileTypes: true }))) ?? [];
  const names = folder === "." ? [] : folder.split(/[\\/]/);
  const nested = await Promise.all(
    entries.map(async (entry) => {
      if (entry.isDirectory()) return findKeys(root, join(folder, entry.name));
      const key = objectKey([...names, entry.name]);
      return key === undefined ? [] : [key];
    }),
  );
  return nested.flat();
}

async function describeInXml(root: string, key: string): Promise<string> {
  const info = await readInfo(root, objectPath(key));
  if (info === undefined) return "";
  return (
    `<Contents><Key>${escapeXml(key)}</Key><LastModified>${info.modifiedAt.toISOString()}</LastModified>` +
    `<ETag>${escapeXml(info.etag)}</ETag><Size>${info.bytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`
  );
}

function xmlResponse(text: string, statusCode = 200): SdkResponse {
  return { statusCode, headers: { "content-type": "application/xml" }, body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`) };
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

function notImplemented(what: string): AwsError {
  return new AwsError("NotImplemented", `The embedded S3 does not know ${what}`, 501);
}
