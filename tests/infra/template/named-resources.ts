import type { Deployed } from "./deployed-functions.ts";
import { findTarget } from "./resolve.ts";

/** What a variable's value names: a queue, a table, a secret…; undefined when it names nothing that IAM knows. */
export function namedBy(variable: string, value: string): string | undefined {
  if (variable === "DATABASE_URL") return value.includes("auth=secret") ? findTarget(/[?&]secret=(.*)$/.exec(value)?.[1] ?? "") : undefined;
  if (variable === "CACHE_URL") return value.startsWith("dynamodb:") ? findTarget(value) : undefined;
  return findTarget(value);
}

/** The login that a function signs tokens for: `rds-db:connect` is allowed on it. */
export function databaseLogin({ environment }: Pick<Deployed, "environment">): { cluster: string; login: string } | undefined {
  const [, login, host] = /^postgres:\/\/([^:@/]+)@(.+?):\d+\/.*[?&]auth=iam(?:&|$)/.exec(environment["DATABASE_URL"] ?? "") ?? [];
  const cluster = findTarget(host ?? "");
  return login === undefined || cluster === undefined ? undefined : { cluster, login };
}

/** The user and the cache that a function signs tokens for: `elasticache:Connect` is allowed on both. */
export function cacheLogin({ environment }: Pick<Deployed, "environment">): { cache: string; user: string } | undefined {
  const [, user, cache] = /^rediss:\/\/([^:@/]+)@.*[?&]auth=iam&cache=([^&]+)/.exec(environment["CACHE_URL"] ?? "") ?? [];
  return user === undefined || cache === undefined ? undefined : { cache, user };
}
