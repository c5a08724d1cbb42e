import type { Cache } from "./cache.ts";

/** Entries kept at most; the oldest go first. */
const CAPACITY = 10_000;

/** A cache inside this process, for the embedded run. `now` in milliseconds. */
export function createMemoryCache(now: () => number = Date.now): Cache {
  const entries = new Map<string, { value: string; expires: number }>();

  function read(key: string): string | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expires > now()) return entry.value;
    entries.delete(key);
    return undefined;
  }

  function write(key: string, value: string, ttlSeconds: number): void {
    entries.delete(key);
    entries.set(key, { value, expires: now() + ttlSeconds * 1_000 });
    const [oldest] = entries.keys();
    if (entries.size > CAPACITY && oldest !== undefined) entries.delete(oldest);
  }

  return {
    get: async (key) => read(key),
    set: async (key, value, { ttlSeconds }) => write(key, value, ttlSeconds),
    async raise(key, value, { ttlSeconds }) {
      const highest = Math.max(value, Number(read(key) ?? value));
      write(key, String(highest), ttlSeconds);
      return highest;
    },
    async close() {
      entries.clear();
    },
  };
}
