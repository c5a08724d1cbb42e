import { expect, test } from "vitest";
import { describeCache } from "../../../tests/conformance/cache-suite.ts";
import { createMemoryCache } from "./memory-cache.ts";
import { openCache } from "./open-cache.ts";

describeCache("this process", async () => {
  let now = 0;
  return {
    cache: createMemoryCache(() => now),
    pass: async (seconds) => {
      now += seconds * 1_000;
    },
  };
});

test("a cache in this process forgets the oldest when it is full", async () => {
  const cache = createMemoryCache(() => 0);
  for (let index = 0; index <= 10_000; index += 1) await cache.set(`key ${index}`, "value", { ttlSeconds: 60 });

  expect([await cache.get("key 0"), await cache.get("key 1")]).toEqual([undefined, "value"]);
});

test("memory: opens a cache of this process alone", async () => {
  const [one, other] = await Promise.all([openCache("memory:"), openCache("memory:")]);
  await one.set("key", "value", { ttlSeconds: 60 });

  expect([await one.get("key"), await other.get("key")]).toEqual(["value", undefined]);
});
