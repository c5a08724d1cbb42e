import type { Cache } from "./cache.ts";
import { openCache } from "./open-cache.ts";

const open = new Map<string, Promise<Cache>>();

/** The one cache of this process for `url`: what one function leaves there, the others find. A failed opening is tried anew. */
export function sharedCache(url: string): Promise<Cache> {
  let cache = open.get(url);
  if (cache === undefined) {
    cache = openCache(url);
    open.set(url, cache);
    cache.catch(() => open.delete(url));
  }
  return cache;
}
