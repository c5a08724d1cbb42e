import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { functionTable } from "../../functions/function-table.ts";
import { routeTable } from "../../functions/route-table.ts";
import { describeRoutes } from "../../local/openapi/describe-routes.ts";
import { Scope } from "../../shared/auth/contracts/scopes.ts";
import { pathParameters } from "../../shared/platform/api/route.ts";
import { workingTools } from "../../shared/tools/registry.ts";

const routes = routeTable.map(({ route }) => route);

describe("every route", () => {
  test("has an id of its own and a place of its own", () => {
    expect(new Set(routes.map(({ id }) => id)).size).toBe(routes.length);
    expect(new Set(routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+/g, "{")}`)).size).toBe(routes.length);
  });

  test("names exactly the parameters of its path", () => {
    for (const { path, params } of routes) expect(Object.keys(params?.shape ?? {}).toSorted()).toEqual(pathParameters(path).toSorted());
  });

  test("is answered by a function of its own zone", () => {
    for (const { route, entry } of routeTable) expect({ entry, zone: functionTable[entry].zone }).toEqual({ entry, zone: route.zone });
  });

  test("shares its function with streamed routes only if it is streamed, and alone", () => {
    const streams = routeTable.filter(({ route }) => route.stream === true).map(({ entry }) => entry);

    expect(routeTable.filter(({ entry }) => streams.includes(entry)).map(({ entry }) => entry)).toEqual(streams);
    expect(new Set(streams).size).toBe(streams.length);
  });

  test("asks for scopes that exist, and behind no authorizer for none", () => {
    const known: readonly string[] = Scope.options;
    for (const { id, scopes } of routes) {
      expect({ id, unknown: scopes.filter((scope) => !known.includes(scope)) }).toEqual({ id, unknown: [] });
    }
    expect(routes.filter(({ auth, scopes }) => auth === "public" && scopes.length > 0)).toEqual([]);
  });

  test("is behind the authorizer, but for these", () => {
    const open = routes.filter(({ auth }) => auth === "public").map(({ id }) => id);

    expect(open.toSorted()).toEqual([
      "describe-problem",
      "get-health",
      "get-jwks",
      "get-openapi",
      "get-plain-health",
      "log-in",
      "register",
      "resolve-problem-type",
    ]);
  });

  test("that asks for no scope at all is one of these", () => {
    expect(routes.filter(({ auth, scopes }) => auth === "user" && scopes.length === 0).map(({ id }) => id)).toEqual(["get-me"]);
  });

  test("that creates or spends takes an idempotency key, but for these", () => {
    const posts = routes.filter(({ method, idempotent }) => method === "POST" && idempotent !== true).map(({ id }) => id);

    // Their answers hold secrets, which are not kept; others change what is there and can be repeated, as a preview can; what waits in the inbox is decided once.
    const inbox = ["answer-inbox-item", "approve-inbox-item", "reject-inbox-item", "resolve-inbox-item"];
    expect(posts.toSorted()).toEqual(
      [
        ...inbox,
        "cancel-run",
        "cancel-task",
        "create-api-key",
        "log-in",
        "pause-run",
        "pause-task",
        "preview-fork",
        "preview-plan",
        "register",
        "resume-run",
        "resume-task",
      ].toSorted(),
    );
  });

  test("of a tool takes the tool's arguments and the run that it works in, and each working tool has one", () => {
    const calls = routes.filter(({ method, path }) => method === "POST" && path.startsWith("/v1/tools/"));
    const fieldsOf = (schema: unknown) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);

    expect(calls.map(({ path, body }) => ({ path, fields: fieldsOf(body) }))).toEqual(
      workingTools.map(({ name, parameters }) => ({ path: `/v1/tools/${name}`, fields: [...fieldsOf(parameters), "run_id"] })),
    );
  });

  test("takes unknown fields nowhere", () => {
    for (const { id, body, query, params } of routes) {
      for (const schema of [body, query, params]) {
        if (schema === undefined) continue;
        expect({ id, issues: schema.safeParse({ surely_unknown: 1 }).error?.issues.map(({ code }) => code) ?? [] }).toEqual({
          id,
          issues: expect.arrayContaining(["unrecognized_keys"]),
        });
      }
    }
  });
});

test("docs/openapi.json is what the routes say; npm run openapi writes it", () => {
  expect(JSON.parse(readFileSync("docs/openapi.json", "utf8"))).toEqual(describeRoutes());
});
