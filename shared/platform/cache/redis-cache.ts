import { Redis } from "ioredis";
import type { Cache } from "./cache.ts";

/** Compare and set in one step: two writers that race leave the higher number. */
const RAISE = `
local now = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
local highest = math.max(now, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', highest), 'EX', ARGV[2])
return string.format('%.0f', highest)`;

/** A cache in Redis or Valkey. A command that gets no answer within a second fails, and its caller does without. */
export function createRedisCache(url: string): Cache {
  const client = new Redis(url, { maxRetriesPerRequest: 1, connectTimeout: 2_000, commandTimeout: 1_000, lazyConnect: true });
  // Connection errors reach whoever waits for a command; unheard, this event would end the process.
  client.on("error", () => undefined);
  return {
    get: async (key) => (await client.get(key)) ?? undefined,
    async set(key, value, { ttlSeconds }) {
      await client.set(key, value, "EX", ttlSeconds);
    },
    raise: async (key, value, { ttlSeconds }) => Number(await client.eval(RAISE, 1, key, value, ttlSeconds)),
    async close() {
      client.disconnect();
    },
  };
}
