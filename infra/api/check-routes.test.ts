import { describe, expect, test } from "vitest";
import type { FunctionSettings } from "../../functions/function-table.ts";
import { routeTable, type ServedRoute } from "../../functions/route-table.ts";
import { defineRoute, type Route } from "../../shared/platform/api/route.ts";
import { findRouteFaults } from "./check-routes.ts";

const settings: FunctionSettings = { zone: "mind", timeoutSeconds: 28, memoryMegabytes: 512 };
const known = Object.fromEntries(
  [...routeTable.map(({ entry }) => entry), "gateway/authorizer", "orchestrator/conductor"].map((entry) => [entry, settings]),
);

function served(path: Route["path"], entry: string, more: Pick<Route, "stream"> | object = {}): { route: Route; entry: string } {
  const route = defineRoute({
    id: "look",
    method: "GET",
    path,
    zone: "mind",
    auth: "user",
    scopes: [],
    summary: "Looks",
    status: 200,
    response: null,
    ...more,
  });
  return { route, entry };
}

describe("routes and functions", () => {
  test("fit each other as they are", () => {
    expect(findRouteFaults(routeTable)).toEqual([]);
  });

  const withMore = (...more: { route: Route; entry: string }[]): readonly (ServedRoute | { route: Route; entry: string })[] => [
    ...routeTable,
    ...more,
  ];

  test.each<readonly [string, readonly { route: Route; entry: string }[], Readonly<Record<string, FunctionSettings>>, RegExp]>([
    [
      "a route without its function",
      withMore(served("/v1/birds", "aviary/http")),
      known,
      /GET \/v1\/birds is answered by aviary\/http, which is not/,
    ],
    [
      "a function without a route",
      routeTable,
      { ...known, "aviary/http": settings },
      /Nothing reaches the function aviary\/http: give it a route/,
    ],
    [
      "a function that would have to stream and not to stream",
      withMore(served("/v1/birds", "planner/http", { stream: true })),
      known,
      /planner\/http has routes that stream and routes that do not/,
    ],
    [
      "one place of a path under two names",
      withMore(served("/v1/runs/{id}/birds", "planner/http")),
      known,
      /Below \/v1\/runs a parameter is called \{run_id\} and \{id\}/,
    ],
  ])("%s is one sentence", (_, routes, functions, sentence) => {
    expect(findRouteFaults(routes, functions)).toEqual([expect.stringMatching(sentence)]);
  });

  test("a function that a deployment or a calendar calls needs no route", () => {
    expect(findRouteFaults(routeTable, { ...known, "aviary/clean": { ...settings, isUpkeep: true } })).toEqual([]);
  });
});
