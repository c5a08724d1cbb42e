import { type Credentials, presign } from "./sigv4.ts";

/** What a function's environment says of itself. */
export type Caller = { readonly region: string; readonly credentials: Credentials };

/** The servers accept a token so long after it was signed; a connection that it opened lasts longer. */
const EXPIRES_SECONDS = 15 * 60;

/** Stands for the password of a login of RDS or Aurora that is a member of `rds_iam`. Allowed by `rds-db:connect`. */
export function signDatabaseToken(address: { host: string; port: number; user: string }, caller: Caller, now: Date): string {
  const query = { Action: "connect", DBUser: address.user };
  const host = `${address.host}:${address.port}`;
  return presign({ service: "rds-db", region: caller.region, host, query, expiresSeconds: EXPIRES_SECONDS }, caller.credentials, now);
}

/** Stands for the password of a user of a serverless cache of ElastiCache. Allowed by `elasticache:Connect` on the cache and the user. */
export function signCacheToken({ cache, user }: { cache: string; user: string }, caller: Caller, now: Date): string {
  const query = { Action: "connect", User: user, ResourceType: "ServerlessCache" };
  return presign(
    { service: "elasticache", region: caller.region, host: cache, query, expiresSeconds: EXPIRES_SECONDS },
    caller.credentials,
    now,
  );
}
