import type { Cache } from "./cache.ts";

/** `memory:` for this process alone, `redis://…` or `rediss://…` for Redis and Valkey, whose client is loaded only then. */
export async function openCache(url: string): Promise<Cache> {
  if (url.startsWith("memory:")) {
    const { createMemoryCache } = await import("./memory-cache.ts");
    return createMemoryCache();
  }
  const { createRedisCache } = await import("./redis-cache.ts");
  return createRedisCache(url);
}
