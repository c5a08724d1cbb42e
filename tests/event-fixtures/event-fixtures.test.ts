import type { Context } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { type FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { routeTable } from "../../functions/route-table.ts";
import type { Binding } from "../../shared/platform/api/bind-route.ts";
import { respondTo } from "../../shared/platform/api/handle.ts";
import { parseRequest } from "../../shared/platform/api/parse-request.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { listRepositoryFiles, readRepositoryFile } from "../architecture/source-file.ts";
import { createEventFixture, type EventFixture } from "./event-fixture.ts";

const fixtures = routeTable.map((served) => ({ ...served, ...createEventFixture(served) }));
const lambdaContext = {} as Context;

// What is logged of requests is nobody's question here.
setLogSink(() => undefined);

/** A handler with every route of a function, real matching and real checks of the request; its answer names the route that it took. */
function openHandler(entry: FunctionEntry) {
  const bindings = routeTable
    .filter((served) => served.entry === entry)
    .map(({ route }): Binding => {
      return {
        route,
        prepare: (incoming) => {
          parseRequest(route, incoming);
          return async () => ({ statusCode: 200, headers: { route: route.id }, body: "" });
        },
      };
    });
  return respondTo(bindings, {});
}

const handlers = new Map((Object.keys(functionTable) as FunctionEntry[]).map((entry) => [entry, openHandler(entry)]));

async function answer(entry: FunctionEntry, event: EventFixture["event"]) {
  const { statusCode, headers, body } = (await handlers.get(entry)?.(event, lambdaContext)) ?? {};
  return { statusCode, route: headers?.["route"], body };
}

describe("examples/events", () => {
  test("holds an event for each route and nothing else", () => {
    const files = listRepositoryFiles().filter((file) => file.startsWith("examples/events/"));

    expect(files.toSorted()).toEqual(fixtures.map(({ file }) => file).toSorted());
  });

  test.each(fixtures)("$file is what the route says; npm run fixtures writes it", ({ file, event }) => {
    expect(JSON.parse(readRepositoryFile(file))).toEqual(event);
  });

  test.each(fixtures)("$file passes every check of its function and reaches its route", async ({ route, entry, event }) => {
    expect(await answer(entry, event)).toEqual({ statusCode: 200, route: route.id, body: "" });
  });
});

describe("an event that a function would refuse is noticed when", () => {
  const [fixture] = fixtures.filter(({ route }) => route.id === "create-task");
  if (fixture === undefined) throw new Error("there is no create-task");
  const { entry, event } = fixture;

  test.each([
    ["it is another function's", 404, { ...event, resource: "/v1/memories" }],
    ["its body lacks a field", 400, { ...event, body: "{}" }],
    ["it comes from nobody", 401, { ...event, requestContext: { ...event.requestContext, authorizer: null } }],
  ])("%s", async (_what, status, changed) => {
    expect((await answer(entry, changed)).statusCode).toBe(status);
  });
});
