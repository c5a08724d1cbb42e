import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { type EventParts, lambdaContext, proxyEvent } from "../../../tests/proxy-event.ts";
import { notFound } from "../errors.ts";
import { log, setLogSink } from "../log/logger.ts";
import { bindRoute } from "./bind-route.ts";
import { handleService } from "./handle.ts";
import { queryInteger } from "./page.ts";
import { defineRoute, type Identity } from "./route.ts";

const identity: Identity = {
  workspaceId: "0198c0de-0000-7000-8000-000000000001",
  userId: "0198c0de-0000-7000-8000-000000000002",
  scopes: ["birds:write", "birds:read"],
};
const birdId = "0198c0de-0000-7000-8000-00000000000b";

const Bird = z.strictObject({ id: z.uuid(), name: z.string(), owner: z.uuid().nullable() });
const common = { path: "/v1/birds/{bird_id}", zone: "mind", auth: "user", params: z.strictObject({ bird_id: z.uuid() }) } as const;

const renameBird = defineRoute({
  ...common,
  id: "rename-bird",
  method: "PUT",
  scopes: ["birds:write"],
  summary: "Rename a bird",
  query: z.strictObject({ times: queryInteger(1, 9).optional() }),
  headers: z.object({ "if-match": z.string().optional() }),
  body: z.strictObject({ name: z.string().min(1), tags: z.array(z.strictObject({ "a/b": z.int() })).default([]) }),
  status: 200,
  response: Bird,
  limits: { bodyBytes: 200 },
});
const deleteBird = defineRoute({
  ...common,
  id: "delete-bird",
  method: "DELETE",
  scopes: [],
  summary: "Free a bird",
  status: 204,
  response: null,
});
const getSong = defineRoute({
  ...common,
  id: "get-song",
  method: "GET",
  auth: "public",
  scopes: [],
  summary: "Hear a bird",
  status: 200,
  response: null,
  rawResponse: true,
});
const feedBird = defineRoute({
  ...common,
  id: "feed-bird",
  method: "PATCH",
  scopes: [],
  summary: "Feed a bird",
  body: z.strictObject({ worms: z.int().default(2), note: z.string().optional() }),
  status: 200,
  response: z.int(),
});
const putSong = defineRoute({
  ...common,
  id: "put-song",
  method: "POST",
  scopes: [],
  summary: "Teach",
  status: 201,
  response: z.int(),
  rawBody: true,
});

let lines: Record<string, unknown>[] = [];
beforeAll(() => setLogSink((line) => lines.push(JSON.parse(line))));
afterAll(() => setLogSink((line) => process.stdout.write(`${line}\n`)));

const handler = handleService("aviary", [
  bindRoute(renameBird, async ({ params, body, query, headers, identity: { userId } }) => {
    if (body.name === "Nobody") throw notFound("The bird");
    if (body.name === "Crash") throw new Error("password is hunter2", { cause: new Error("deep down") });
    if (body.name === "Liar") return { body: { id: "no id", name: "Liar", owner: null } };
    if (body.name === "Teapot") return { status: 418 };
    log.info("renaming");
    return {
      body: { id: params.bird_id, name: `${body.name}${query.times ?? ""}${headers["if-match"] ?? ""}`, owner: userId },
      headers: { etag: "1" },
    };
  }),
  bindRoute(deleteBird, async () => ({ body: undefined })),
  bindRoute(getSong, async ({ identity: nobody }) => ({
    body: { raw: Buffer.from([0, 255, String(nobody).length]), contentType: "audio/ogg" },
  })),
  bindRoute(feedBird, async ({ body }) => ({ body: body.worms })),
  bindRoute(putSong, async ({ body }) => ({ body: body.length })),
]);

async function put(parts: EventParts) {
  lines = [];
  const answer = await handler(proxyEvent("PUT", renameBird.path, { params: { bird_id: birdId }, identity, ...parts }), lambdaContext);
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

describe("a group of routes", () => {
  test("is loaded by the first request for one of them, and by no other", async () => {
    const loaded: string[] = [];
    const group = (below: string, path: `/${string}`) => ({
      below: [below],
      load: async () => {
        loaded.push(below);
        const route = defineRoute({
          path,
          zone: "mind",
          auth: "user",
          id: path,
          method: "GET",
          scopes: [],
          summary: "x",
          status: 204,
          response: null,
        });
        return [bindRoute(route, async () => ({ body: undefined }))];
      },
    });
    const late = handleService("aviary", [group("/v1/bird", "/v1/bird"), group("/v1/birds", "/v1/birds/all")]);
    const ask = async (path: string) => (await late(proxyEvent("GET", path, { identity }), lambdaContext)).statusCode;

    expect(loaded).toEqual([]);
    expect([await ask("/v1/birds/all"), await ask("/v1/birds/all")]).toEqual([204, 204]);
    expect(loaded).toEqual(["/v1/birds"]);
    expect([await ask("/v1/nests"), await ask("/v1/bird")]).toEqual([404, 204]);
    expect(loaded).toEqual(["/v1/birds", "/v1/bird"]);
  });
});

describe("a request that is right", () => {
  test("reaches its use-case parsed and is answered as JSON", async () => {
    const answer = await put({ body: { name: "Pip" }, query: { times: "3" }, headers: { "If-Match": "x", "X-Other": "y" } });

    expect(answer).toEqual({
      status: 200,
      headers: {
        "content-type": "application/json",
        "x-request-id": "request-1",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        etag: "1",
      },
      body: { id: birdId, name: "Pip3x", owner: identity.userId },
    });
  });

  test("is logged with its request id, service and user, as is all it logs", async () => {
    await put({ body: { name: "Pip" } });

    const context = { requestId: "request-1", service: "aviary", userId: identity.userId };
    expect(lines).toMatchObject([
      { message: "renaming", ...context },
      { message: "request answered", route: renameBird.path, method: "PUT", status: 200, durationMs: expect.any(Number), ...context },
    ]);
  });

  test("may come base64-encoded and with a charset", async () => {
    const event = proxyEvent("PUT", renameBird.path, {
      params: { bird_id: birdId },
      identity,
      headers: { "content-type": 'application/json; charset="UTF-8"' },
    });

    const answer = await handler(
      { ...event, body: Buffer.from('{"name":"Zoë"}').toString("base64"), isBase64Encoded: true },
      lambdaContext,
    );

    expect(JSON.parse(answer.body)).toMatchObject({ name: "Zoë" });
  });

  test("is answered without a body and a type where the route has none", async () => {
    const answer = await handler(proxyEvent("DELETE", deleteBird.path, { params: { bird_id: birdId }, identity }), lambdaContext);

    expect(answer).toMatchObject({ statusCode: 204, body: "" });
    expect(answer.headers).not.toHaveProperty("content-type");
  });

  const feed = (parts: EventParts) =>
    handler(proxyEvent("PATCH", feedBird.path, { params: { bird_id: birdId }, identity, ...parts }), lambdaContext);

  test.for<[string, EventParts]>([
    ["nothing", {}],
    ["nothing, and says that it is JSON", { headers: { "content-type": "application/json" } }],
    ["{}", { body: {} }],
  ])("may send nothing where no field is required: %s", async ([, parts]) => {
    expect(await feed(parts)).toMatchObject({ statusCode: 200, body: "2" });
  });

  test("says what it sends also where it need not send anything", async () => {
    expect(await feed({ body: "worms", headers: { "content-type": "text/plain" } })).toMatchObject({ statusCode: 415 });
  });

  test("may send {} where no body is expected", async () => {
    const answer = await handler(proxyEvent("DELETE", deleteBird.path, { params: { bird_id: birdId }, identity, body: {} }), lambdaContext);

    expect(answer.statusCode).toBe(204);
  });

  test("carries bytes in and out unchanged", async () => {
    const song = await handler(proxyEvent("GET", getSong.path, { params: { bird_id: birdId } }), lambdaContext);
    const taught = await handler(
      {
        ...proxyEvent("POST", putSong.path, { params: { bird_id: birdId }, identity }),
        body: Buffer.from([0, 255, 254]).toString("base64"),
        isBase64Encoded: true,
      },
      lambdaContext,
    );

    expect(song).toMatchObject({ isBase64Encoded: true, headers: { "content-type": "audio/ogg" } });
    expect(Buffer.from(song.body, "base64")).toEqual(Buffer.from([0, 255, 9]));
    expect(taught).toMatchObject({ statusCode: 201, body: "3" });
  });
});

test("a request for the head of an answer gets the head that GET gets", async () => {
  const ask = async (method: string) => handler(proxyEvent(method, getSong.path, { params: { bird_id: birdId } }), lambdaContext);
  const [head, get] = await Promise.all([ask("HEAD"), ask("GET")]);

  expect(head.statusCode).toBe(200);
  expect(head.headers).toEqual(get.headers);
});

describe("a request that is wrong", () => {
  test("gets a problem that names its code, its request and nothing else", async () => {
    const answer = await put({ body: { name: "Nobody" } });

    expect(answer).toMatchObject({ status: 404, headers: { "content-type": "application/problem+json", "x-request-id": "request-1" } });
    expect(answer.body).toEqual({
      type: "/problems/not-found",
      title: "There is no such resource",
      status: 404,
      detail: "The bird does not exist",
      instance: "request-1",
      retryable: false,
    });
  });

  test.each([
    ["without an identity", { identity: undefined as unknown as Identity, body: { name: "Pip" } }, 401, "unauthenticated"],
    ["without the scope", { identity: { ...identity, scopes: ["birds:read"] }, body: { name: "Pip" } }, 403, "forbidden"],
    ["with an id that is none", { params: { bird_id: "7; DROP TABLE birds" }, body: { name: "Pip" } }, 404, "not-found"],
    ["with half of a JSON body", { body: '{"name":', headers: { "content-type": "application/json" } }, 400, "malformed-json"],
    ["with an empty body", { headers: { "content-type": "application/json" } }, 400, "malformed-json"],
    ["with a form", { body: "name=Pip", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415, "unsupported-media-type"],
    ["without a content type", { body: '{"name":"Pip"}' }, 415, "unsupported-media-type"],
    ["over the limit", { body: { name: "x".repeat(200) } }, 413, "too-large"],
    ["with a body that is a list", { body: [] }, 400, "invalid-request"],
    [
      "with a body that is deeply nested",
      { body: "[".repeat(90) + "]".repeat(90), headers: { "content-type": "application/json" } },
      400,
      "invalid-request",
    ],
    ["with NUL in a text", { body: { name: "a\0b" } }, 400, "invalid-request"],
    ["with half of a surrogate pair", { body: { name: "\ud800" } }, 400, "invalid-request"],
    ["with NUL in the query", { query: { times: "\0" }, body: { name: "Pip" } }, 400, "invalid-request"],
    ["with a repeated query field", { query: { times: ["1", "2"] }, body: { name: "Pip" } }, 400, "invalid-request"],
    ["with a number that is none", { query: { times: "1e0" }, body: { name: "Pip" } }, 400, "invalid-request"],
  ])("%s is refused with the right code", async (_, parts: EventParts, status, code) => {
    const answer = await put(parts);

    expect(answer).toMatchObject({ status, body: { type: `/problems/${code}`, status } });
  });

  test("says of each field what is wrong, unknown ones too", async () => {
    const { body } = await put({ body: { name: 7, "bill~": 1, tags: [{ "a/b": "x" }] }, query: { colour: "red" } });
    const fields = await put({ body: { name: 7, "bill~": 1, tags: [{ "a/b": "x" }] } });

    expect(body.errors).toEqual([{ pointer: "#/query/colour", detail: "There is no such field" }]);
    expect(fields.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      "#/bill~0",
      "#/name",
      "#/tags/0/a~1b",
    ]);
  });

  test("cannot say who it is in its own headers or body", async () => {
    const answer = await put({
      identity: undefined as unknown as Identity,
      headers: { "x-user-id": identity.userId },
      body: { name: "Pip", user_id: identity.userId },
    });

    expect(answer.status).toBe(401);
  });

  test("to a route that is not bound is a 404", async () => {
    const answer = await handler(proxyEvent("PATCH", renameBird.path, { identity }), lambdaContext);

    expect(JSON.parse(answer.body)).toMatchObject({ type: "/problems/not-found" });
  });
});

describe("a defect of ours", () => {
  test("shows nothing of itself and is logged with its causes", async () => {
    const answer = await put({ body: { name: "Crash" } });

    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({
      type: "/problems/internal",
      title: "Something went wrong on our side",
      status: 500,
      instance: "request-1",
      retryable: false,
    });
    expect(lines.at(-1)).toMatchObject({ level: "error", error: { message: "password is hunter2", cause: { message: "deep down" } } });
  });

  test.each(["Liar", "Teapot"])("such as an answer that the route does not declare becomes a 500 (%s)", async (name) => {
    const answer = await put({ body: { name } });

    expect(answer).toMatchObject({ status: 500, body: { type: "/problems/internal" } });
  });

  test("such as an idempotent route without a table is found when the function starts", () => {
    const route = defineRoute({
      ...common,
      id: "x",
      method: "POST",
      scopes: [],
      summary: "x",
      status: 204,
      response: null,
      idempotent: true,
    });

    expect(() => handleService("aviary", [bindRoute(route, async () => ({ body: undefined }))])).toThrow("wrong-configuration");
  });
});
