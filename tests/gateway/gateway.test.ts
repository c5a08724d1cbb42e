import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handler } from "../../functions/gateway/http.ts";
import { readHealth } from "../../shared/doors/read-health.ts";
import type { Identity } from "../../shared/platform/api/route.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { AppError, errorCodes } from "../../shared/platform/errors.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { lambdaContext, proxyEvent } from "../proxy-event.ts";

const somebody: Identity = {
  workspaceId: "0198c0de-0000-7000-8000-000000000001",
  userId: "0198c0de-0000-7000-8000-000000000002",
  scopes: ["runs:read"],
};
const admin = { ...somebody, scopes: ["admin"] };
const now = new Date("2026-03-01T12:00:00Z");

describe("health", () => {
  const untouched = () => Promise.reject(new Error("must not be touched"));
  const awake: Database = {
    transact: async (_actor, work) => work({ query: async () => ({ rows: [], rowCount: 0 }) }),
    close: async () => undefined,
  };
  const asleep: Database = { ...awake, transact: () => Promise.reject(new AppError("database-resuming", "Soon", { retryAfter: 15 })) };
  const deps = (database: Database | undefined, identity: Identity | undefined) => ({
    authenticate: async () => identity,
    openDb: database === undefined ? untouched : async () => database,
    defaultModel: () => "offline:offline-rules-v1",
  });
  const deep = { deep: true, authorization: "Bearer x", now };

  test("says what thinks here, and touches nothing", async () => {
    const health = await readHealth({ ...deps(undefined, undefined), authenticate: untouched }, { ...deep, deep: false });

    expect(health).toMatchObject({ status: "ok", models: { default: "offline:offline-rules-v1", generative: false } });
    expect(health).not.toHaveProperty("database");
  });

  test("calls any other model generative", async () => {
    const health = await readHealth({ ...deps(undefined, undefined), defaultModel: () => "openai:gpt-6-luna" }, { ...deep, deep: false });

    expect(health.models.generative).toBe(true);
  });

  test("looks at the database for admins", async () => {
    expect(await readHealth(deps(awake, admin), deep)).toMatchObject({ database: "ok" });
    await expect(readHealth(deps(asleep, admin), deep)).rejects.toMatchObject({ code: "database-resuming" });
  });

  test("looks at it for nobody else", async () => {
    await expect(readHealth(deps(undefined, somebody), deep)).rejects.toMatchObject({ code: "forbidden" });
    await expect(readHealth(deps(undefined, undefined), deep)).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("the gateway", () => {
  beforeAll(() => {
    setLogSink(() => undefined);
    process.env["DEFAULT_MODEL"] = "offline:offline-rules-v1";
  });
  afterAll(() => setLogSink((line) => process.stdout.write(`${line}\n`)));
  const get = async (resource: string, params: Record<string, string> = {}) => {
    const answer = await handler(proxyEvent("GET", resource, { params }), lambdaContext);
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };

  test("answers health at both its places", async () => {
    expect(await get("/health")).toEqual(await get("/v1/health"));
  });

  test("explains every problem where its type points, and no other", async () => {
    for (const code of errorCodes) {
      expect(await get("/problems/{code}", { code })).toMatchObject({
        status: 200,
        body: { type: `/problems/${code}`, status: expect.any(Number) },
      });
    }
    expect((await get("/v1/problems/{code}", { code: "toString" })).status).toBe(404);
  });

  test("describes the whole API, itself included", async () => {
    const { body } = await get("/v1/openapi.json");

    expect(body).toMatchObject({ openapi: "3.1.0", paths: { "/v1/openapi.json": {}, "/v1/memories": {}, "/v1/auth/login": {} } });
  });
});
