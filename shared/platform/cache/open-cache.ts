import { AppError } from "../errors.ts";
import type { Cache } from "./cache.ts";

/**
 * `memory:` for this process alone; `redis://…` or `rediss://…` for Redis and Valkey, with `?auth=iam&cache=<name>` for a serverless cache of
 * ElastiCache; `dynamodb:<table>` for a table. A client is loaded only where it is used.
 * @throws AppError `wrong-configuration`, without the address, which may hold a password
 */
export async function openCache(url: string): Promise<Cache> {
  const [scheme = ""] = url.split(":", 1);
  switch (scheme) {
    case "memory": {
      const { createMemoryCache } = await import("./memory-cache.ts");
      return createMemoryCache();
    }
    case "redis":
    case "rediss": {
      const { createRedisCache } = await import("./redis-cache.ts");
      return createRedisCache(url);
    }
    case "dynamodb": {
      const { createDynamoDbCache } = await import("./dynamodb-cache.ts");
      return createDynamoDbCache(url.slice("dynamodb:".length));
    }
    default:
      throw new AppError("wrong-configuration", "CACHE_URL begins with none of memory:, redis://, rediss:// and dynamodb:");
  }
}
