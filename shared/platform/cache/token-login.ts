import { signCacheToken } from "../aws/connect-tokens.ts";
import { readCaller } from "../config/caller.ts";
import { AppError } from "../errors.ts";

/**
 * How to log in where `?auth=iam&cache=<name>` asks for a signed token in place of a password; undefined where the address asks for nothing.
 * @throws AppError `wrong-configuration`
 */
export function findTokenLogin(url: string, now: () => Date): { signToken: () => string } | undefined {
  if (!URL.canParse(url)) throw new AppError("wrong-configuration", "CACHE_URL is not an address such as redis://host:6379");
  const { protocol, username, searchParams } = new URL(url);
  const auth = searchParams.get("auth");
  if (auth === null) return undefined;
  const cache = searchParams.get("cache") ?? "";
  if (auth !== "iam" || protocol !== "rediss:" || username === "" || cache === "") {
    throw new AppError("wrong-configuration", "CACHE_URL asks for an auth that is not rediss://<user>@<host>:6379?auth=iam&cache=<name>");
  }
  const user = decodeURIComponent(username);
  return { signToken: () => signCacheToken({ cache, user }, readCaller(), now()) };
}
