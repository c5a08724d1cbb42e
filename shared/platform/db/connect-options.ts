import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PoolConfig } from "pg";
import * as z from "zod";
import { signDatabaseToken } from "../aws/connect-tokens.ts";
import { readCaller } from "../config/caller.ts";
import { readCodeFolder, readVariable } from "../config/env.ts";
import { AppError } from "../errors.ts";

export type LoginSources = {
  /** When a token is signed. */
  readonly now: () => Date;
  /** Given by whom may read secrets. Elsewhere the client for them is not even in the bundle. */
  readonly findSecret?: ((id: string) => Promise<string | undefined>) | undefined;
};

/**
 * How `postgres://…` is connected to. `?auth=iam`: with a token that is signed for each connection. `?auth=secret&secret=<id>`: with the
 * user and the password that RDS keeps in this secret. Both over TLS to the very host of the address, as RDS's own authority says. Without
 * `auth` everything is as node-postgres reads the address.
 * @throws AppError `wrong-configuration`, without the address, which may hold a password
 */
export async function connectOptions(url: string, { now, findSecret }: LoginSources): Promise<PoolConfig> {
  if (!URL.canParse(url)) refuse("DATABASE_URL is not an address such as postgres://user@host:5432/name");
  const address = new URL(url);
  switch (address.searchParams.get("auth")) {
    case null:
      return { connectionString: url };
    case "iam":
      return withToken(address, now);
    case "secret":
      return withSecret(address, findSecret);
    default:
      return refuse("DATABASE_URL asks for an auth that is not known: there are iam and secret, or none for a password in the address");
  }
}

function withToken(address: URL, now: () => Date): PoolConfig {
  const place = placeOf(address);
  const user = decodeURIComponent(address.username);
  if (user === "") refuse("DATABASE_URL names no user for auth=iam: postgres://user@host:5432/name?auth=iam");
  return { ...place, user, password: () => signDatabaseToken({ ...place, user }, readCaller(), now()) };
}

const OwnerSecret = z.object({ username: z.string(), password: z.string() });

async function withSecret(address: URL, findSecret: LoginSources["findSecret"]): Promise<PoolConfig> {
  const id = address.searchParams.get("secret") ?? refuse("DATABASE_URL names no secret for auth=secret: …?auth=secret&secret=<id>");
  if (findSecret === undefined) return refuse("DATABASE_URL asks for auth=secret, which this function may not read; it is for migrations");
  return { ...placeOf(address), ...parseSecret((await findSecret(id)) ?? "") };
}

/** Without a word of what is in it. */
function parseSecret(text: string): { user: string; password: string } {
  try {
    const { username, password } = OwnerSecret.parse(JSON.parse(text));
    return { user: username, password };
  } catch {
    return refuse("The secret that DATABASE_URL names holds no JSON with username and password");
  }
}

function placeOf({ hostname, port, pathname }: URL) {
  return {
    host: hostname,
    port: port === "" ? 5432 : Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: { ca: readAuthority(readVariable("AWS_REGION")), rejectUnauthorized: true },
  };
}

/** The certificates that RDS signs a region's servers with. They lie beside the bundle: no machine trusts them by itself. */
function readAuthority(region: string): string {
  try {
    return readFileSync(join(readCodeFolder(), "rds-ca", `${region}.pem`), "utf8");
  } catch (cause) {
    throw new AppError("wrong-configuration", `There are no certificates of RDS for ${region} beside this function`, { cause });
  }
}

function refuse(detail: string): never {
  throw new AppError("wrong-configuration", detail);
}
