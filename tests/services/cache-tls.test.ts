import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { signCacheToken } from "../../shared/platform/aws/connect-tokens.ts";
import { createRedisCache } from "../../shared/platform/cache/redis-cache.ts";
import { describeCache } from "../conformance/cache-suite.ts";
import { type Authority, createAuthority, createServerIdentity } from "./create-certificate.ts";
import { startRedis } from "./start-redis.ts";
import type { RunningServer } from "./start-server.ts";
import { unpackServices } from "./unpack-services.ts";

/** As on AWS: TLS alone, and a user whose password is a token. The authority is ours, so it is given. */
let server: RunningServer;
let authority: Authority;
let admin: Redis;

const USER = "cognition";
const start = Date.parse("2026-01-01T00:00:00Z");
const caller = { region: "eu-test-1", credentials: { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "session/+=" } };

beforeAll(async () => {
  authority = createAuthority("Our cache CA");
  server = await startRedis(await unpackServices(() => undefined), createServerIdentity(authority, "localhost"));
  admin = new Redis(server.url, { tls: { ca: authority.certificate } });
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

function stubCaller(): void {
  vi.stubEnv("AWS_REGION", caller.region);
  vi.stubEnv("AWS_ACCESS_KEY_ID", caller.credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", caller.credentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", caller.credentials.sessionToken);
}
beforeEach(stubCaller);
afterEach(() => {
  vi.unstubAllEnvs();
});

const address = (host = "localhost") => `rediss://${USER}@${host}:${new URL(server.url).port}?auth=iam&cache=cognition-dev`;
const open = (now: () => number, host?: string) => createRedisCache(address(host), { authority: authority.certificate, now });

/** The server knows one password of the user: the token of this moment. */
async function expectToken(at: number): Promise<void> {
  const token = signCacheToken({ cache: "cognition-dev", user: USER }, caller, new Date(at));
  await admin.call("ACL", "SETUSER", USER, "on", "resetpass", `>${token}`, "~*", "+@all");
}

describeCache("Redis with TLS and a token", async () => {
  stubCaller();
  await expectToken(start);
  return {
    cache: open(() => start),
    // The server's clock cannot be set; what it keeps can be brought nearer to its end.
    async pass(seconds) {
      for (const key of await admin.keys(`test:{${process.pid}-*`)) {
        const left = (await admin.pttl(key)) - seconds * 1_000;
        if (left <= 0) await admin.del(key);
        else await admin.pexpire(key, left);
      }
    },
  };
});

describe("a token", () => {
  test("is signed anew for the connection that replaces one that ended", async () => {
    let now = start;
    const cache = open(() => now);
    try {
      await expectToken(start);
      await cache.set("kept", "value", { ttlSeconds: 60 });
      now += 16 * 60_000;
      await expectToken(now);
      await admin.call("CLIENT", "KILL", "USER", USER);

      expect(await cache.get("kept")).toBe("value");
    } finally {
      await cache.close();
    }
  });

  test("that the server does not expect opens nothing", async () => {
    const cache = open(() => start + 1_000);
    try {
      await expectToken(start);

      await expect(cache.get("key")).rejects.toThrow(/WRONGPASS|NOAUTH|max retries/);
    } finally {
      await cache.close();
    }
  });
});

describe("a cache is not spoken to when it", () => {
  test("is vouched for by nobody whom we trust", async () => {
    const cache = createRedisCache(address(), { now: () => start });
    try {
      await expectToken(start);

      await expect(cache.get("key")).rejects.toThrow(/max retries|certificate/);
    } finally {
      await cache.close();
    }
  });

  test("shows the certificate of another host", async () => {
    const cache = open(() => start, "127.0.0.1");
    try {
      await expectToken(start);

      await expect(cache.get("key")).rejects.toThrow(/max retries|altnames/);
    } finally {
      await cache.close();
    }
  });
});
