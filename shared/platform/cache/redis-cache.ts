import { Redis } from "ioredis";
import type { Cache } from "./cache.ts";
import { findTokenLogin } from "./token-login.ts";

/** Compare and set in one step: two writers that race leave the higher number. */
const RAISE = `
local now = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
local highest = math.max(now, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', highest), 'EX', ARGV[2])
return string.format('%.0f', highest)`;

/** `authority`: of a server that no machine trusts by itself, as PEM. `now`: milliseconds, for tokens. */
export type RedisCacheOptions = { readonly authority?: string; readonly now?: () => number };

/**
 * A cache in Redis or Valkey. A command that gets no answer within a second fails, and its caller does without.
 * @throws AppError `wrong-configuration` for an address that asks for what there is not
 */
export function createRedisCache(url: string, { authority, now = Date.now }: RedisCacheOptions = {}): Cache {
  const login = findTokenLogin(url, () => new Date(now()));
  const client = new Redis(url, {
    maxRetriesPerRequest: 1,
    connectTimeout: 2_000,
    commandTimeout: 1_000,
    lazyConnect: true,
    ...(authority === undefined ? {} : { tls: { ca: authority } }),
  });
  // The client reads its password each time that it connects, and takes no function: a token is signed at that moment.
  if (login !== undefined) Object.defineProperty(client.options, "password", { get: login.signToken });
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
