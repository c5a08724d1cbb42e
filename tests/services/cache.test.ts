import { createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { openCache } from "../../shared/platform/cache/open-cache.ts";
import { describeCache } from "../conformance/cache-suite.ts";

const url = process.env["REDIS_URL"] ?? "";

describeCache("Redis", async () => {
  const client = new Redis(url);
  const cache = await openCache(url);
  return {
    cache: {
      ...cache,
      async close() {
        await cache.close();
        client.disconnect();
      },
    },
    // The server's clock cannot be set; what it keeps can be brought nearer to its end.
    async pass(seconds) {
      for (const key of await client.keys(`test:{${process.pid}-*`)) {
        const left = (await client.pttl(key)) - seconds * 1_000;
        if (left <= 0) await client.del(key);
        else await client.pexpire(key, left);
      }
    },
  };
});

test("two processes see the same numbers", async () => {
  const [one, other] = await Promise.all([openCache(url), openCache(url)]);
  try {
    const key = `test:{shared}:${process.pid}`;
    await one.raise(key, 7, { ttlSeconds: 60 });

    expect(await other.raise(key, 3, { ttlSeconds: 60 })).toBe(7);
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
});

test("a server that accepts and never answers fails a command instead of holding its caller", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const cache = await openCache(`redis://127.0.0.1:${port}`);
  try {
    await expect(cache.get("key")).rejects.toThrow("timed out");
  } finally {
    await cache.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test("a server that is not there fails a command instead of ending the process", async () => {
  const cache = await openCache("redis://127.0.0.1:1");
  try {
    await expect(cache.raise("key", 1, { ttlSeconds: 60 })).rejects.toThrow("max retries");
  } finally {
    await cache.close();
  }
});
