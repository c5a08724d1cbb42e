import { afterEach, expect, test } from "vitest";
import { describeCache } from "../../../tests/conformance/cache-suite.ts";
import { openLookupTable } from "../../../tests/lookup-table.ts";
import { setRequestHandler } from "../aws/client-options.ts";
import { createDynamoDbCache } from "./dynamodb-cache.ts";
import { openCache } from "./open-cache.ts";

describeCache("DynamoDB", async () => {
  let now = Date.parse("2026-01-01T00:00:00.400Z");
  const { table, close } = await openLookupTable();
  const cache = createDynamoDbCache(table.name(), { client: table.client, now: () => now });
  return {
    cache: { ...cache, close },
    pass: async (seconds) => {
      now += seconds * 1_000;
    },
  };
});

afterEach(() => setRequestHandler(undefined));

test("dynamodb:<table> opens a cache in that table", async () => {
  let asked: unknown;
  setRequestHandler({
    async handle({ body }) {
      asked = JSON.parse(body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body));
      return { response: { statusCode: 200, headers: {}, body: Buffer.from("{}") } };
    },
  });
  const cache = await openCache("dynamodb:items-dev");

  expect(await cache.get("key")).toBeUndefined();
  expect(asked).toMatchObject({ TableName: "items-dev", Key: { pk: { S: "cache#key" } } });
});

test.each([
  ["memcached://host:11211", "CACHE_URL begins with none of memory:, redis://, rediss:// and dynamodb:"],
  [
    "redis://user@host:6379?auth=iam&cache=name",
    "CACHE_URL asks for an auth that is not rediss://<user>@<host>:6379?auth=iam&cache=<name>",
  ],
  ["rediss://user@host:6379?auth=iam", "CACHE_URL asks for an auth that is not rediss://<user>@<host>:6379?auth=iam&cache=<name>"],
  ["rediss://host:6379?auth=iam&cache=name", "CACHE_URL asks for an auth that is not rediss://<user>@<host>:6379?auth=iam&cache=<name>"],
  [
    "rediss://user@host:6379?auth=ldap&cache=name",
    "CACHE_URL asks for an auth that is not rediss://<user>@<host>:6379?auth=iam&cache=<name>",
  ],
])("%s is refused with what is wrong with it", async (url, detail) => {
  await expect(openCache(url)).rejects.toMatchObject({ code: "wrong-configuration", detail });
});
