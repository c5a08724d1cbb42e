import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createS3RequestHandler } from "./s3-front.ts";
import { objectKey, objectPath } from "./s3-object-path.ts";

let folder: string;
let client: S3Client;
let bucketsMade = 0;
let Bucket: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "s3-front-"));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  bucketsMade += 1;
  Bucket = `bucket-${bucketsMade}`;
  client = new S3Client({
    region: "us-east-1",
    endpoint: "http://s3.invalid",
    forcePathStyle: true,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: await createS3RequestHandler(folder, [Bucket]),
  });
});

it("gives back the bytes, the type, the metadata and the tag of what was put", async () => {
  const Body = Uint8Array.from({ length: 256 }, (_, byte) => byte);

  const put = await client.send(new PutObjectCommand({ Bucket, Key: "a/b.bin", Body, ContentType: "image/png", Metadata: { run: "1" } }));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: "a/b.bin" }));
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: "a/b.bin" }));

  expect(await got.Body?.transformToByteArray()).toEqual(Body);
  const same = { ContentType: "image/png", ContentLength: 256, ETag: put.ETag, Metadata: { run: "1" } };
  expect(got).toMatchObject({ ...same, LastModified: expect.any(Date) });
  expect(head).toMatchObject(same);
});

it.each([
  ["text", () => "grün", 5],
  ["a stream", () => Readable.from([Buffer.from("gr"), Buffer.from("ün")]), 5],
  ["nothing", () => "", 0],
])("takes %s as a body", async (_, makeBody, ContentLength) => {
  await client.send(new PutObjectCommand({ Bucket, Key: "x", Body: makeBody(), ContentLength }));
  const got = await client.send(new GetObjectCommand({ Bucket, Key: "x" }));

  expect(Buffer.byteLength((await got.Body?.transformToString()) ?? "missing")).toBe(ContentLength);
});

it("replaces an object, and leaves no other file behind", async () => {
  for (const Body of ["old", "new"]) await client.send(new PutObjectCommand({ Bucket, Key: "x", Body }));

  expect(await read("x")).toBe("new");
  expect(await readdir(join(folder, Bucket))).toEqual(["x.object"]);
});

it("clears away what a killed process was writing, when it starts again", async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: "x", Body: "text" }));
  await writeFile(join(folder, Bucket, "0f0f.writing"), "hal");

  await createS3RequestHandler(folder, [Bucket]);

  expect(await readdir(join(folder, Bucket))).toEqual(["x.object"]);
});

it("puts an object that must not exist once only, however many try", async () => {
  const tries = ["a", "b", "c", "d"].map((Body) => client.send(new PutObjectCommand({ Bucket, Key: "x", Body, IfNoneMatch: "*" })));
  const outcomes = await Promise.allSettled(tries);
  const winners = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? ["abcd"[index]] : []));

  expect(winners).toEqual([await read("x")]);
  expect(outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason.name)).toEqual(
    Array(3).fill("PreconditionFailed"),
  );
});

it("deletes, twice without complaint", async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: "x", Body: "text" }));

  await client.send(new DeleteObjectCommand({ Bucket, Key: "x" }));
  await client.send(new DeleteObjectCommand({ Bucket, Key: "x" }));

  await expect(read("x")).rejects.toMatchObject({ name: "NoSuchKey" });
});

it("answers as S3 does for what is not there", async () => {
  await expect(client.send(new HeadObjectCommand({ Bucket, Key: "x" }))).rejects.toMatchObject({ name: "NotFound" });
  await expect(client.send(new PutObjectCommand({ Bucket: "other", Key: "x", Body: "text" }))).rejects.toMatchObject({
    name: "NoSuchBucket",
  });
  expect((await client.send(new ListObjectsV2Command({ Bucket, Prefix: "no/" }))).Contents).toBeUndefined();
});

it("lists by prefix in the order of bytes, page by page", async () => {
  const keys = ["r/1/a", "r/1/a/b", "r/1/Z & <é>.txt", "r/1/😀", "r/1/\uffee", "r/10/c", "s"];
  await Promise.all(keys.map((Key) => client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));

  const listed: (string | undefined)[] = [];
  let token: string | undefined;
  let pages = 0;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "r/1", MaxKeys: 4, ContinuationToken: token }));
    listed.push(...(page.Contents ?? []).map((object) => object.Key));
    token = page.NextContinuationToken;
    pages += 1;
  } while (token !== undefined);
  const [first] = (await client.send(new ListObjectsV2Command({ Bucket, Prefix: "s" }))).Contents ?? [];

  expect(listed).toEqual(["r/1/Z & <é>.txt", "r/1/a", "r/1/a/b", "r/1/\uffee", "r/1/😀", "r/10/c"]);
  expect(pages).toBe(2);
  expect(first).toMatchObject({ Key: "s", Size: 1, ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/), LastModified: expect.any(Date) });
});

it("keeps keys apart that a file system would confuse, and inside their bucket", async () => {
  const keys = [
    "a",
    "A",
    "a/",
    "a//b",
    "/a",
    "../a",
    "../../etc/passwd",
    "..",
    ".",
    "a.object",
    "a.object/b",
    "a+",
    "a%2fb",
    "con",
    "x".repeat(500),
  ];
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));

  const contents = await Promise.all(keys.map(read));
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));

  expect(contents).toEqual(keys);
  expect(new Set(Contents.map((object) => object.Key))).toEqual(new Set(keys));
  expect(Contents).toHaveLength(keys.length);
  expect((await readdir(folder)).every((name) => name.startsWith("bucket-"))).toBe(true);
});

it("makes a path of safe names from any key, and the key from the path again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (key) => {
      const names = objectPath(key).split("/");
      expect(objectKey(names)).toBe(key);
      expect(names.every((name) => /^([a-z0-9_-]|%[0-9a-f]{2}|=)+(\+|\.object)?$/.test(name) && name.length < 210)).toBe(true);
    }),
  );
});

it("cuts a long name between its characters", () => {
  for (const start of ["", "a", "aa"]) {
    const names = objectPath(`${start}${"𑂚".repeat(40)}`).split("/");
    expect(names.map((name) => /^([a-z]|%[0-9a-f]{2})+(\+|\.object)$/.test(name))).toEqual([true, true, true]);
  }
});

it("refuses what it does not know instead of ignoring it", async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: "x", Body: "text" }));

  await expect(client.send(new GetObjectCommand({ Bucket, Key: "x", Range: "bytes=0-1" }))).rejects.toMatchObject({
    name: "NotImplemented",
  });
  await expect(client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }))).rejects.toMatchObject({ name: "NotImplemented" });
  await expect(client.send(new PutObjectCommand({ Bucket, Key: "x".repeat(1_025), Body: "text" }))).rejects.toMatchObject({
    name: "KeyTooLongError",
  });
});

async function read(Key: string): Promise<string | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return Body?.transformToString();
}
