import { Redis } from "ioredis";
import pg from "pg";
import { expect, test } from "vitest";

test("the database takes pgvector 0.8 or later from its owner", async () => {
  const client = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("CREATE EXTENSION IF NOT EXISTS vector");
    const { rows } = await client.query("SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'");
    await client.query("ROLLBACK");

    expect(rows).toEqual([{ version: expect.stringMatching(/^(0\.([89]|\d\d)|[1-9])/) }]);
  } finally {
    await client.end();
  }
});

test("Redis answers and runs a Lua script", async () => {
  const client = new Redis(process.env["REDIS_URL"] ?? "");
  try {
    expect(await client.ping()).toBe("PONG");
    expect(await client.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, "smoke", "2")).toBe(2);
  } finally {
    await client.del("smoke");
    client.disconnect();
  }
});
