import { describe, expect, test } from "vitest";
import * as z from "zod";
import { pageOf, pageQuery } from "../../shared/platform/api/page.ts";
import { defineRoute } from "../../shared/platform/api/route.ts";
import { JsonValue } from "../../shared/platform/json.ts";
import { describeApi } from "./describe-api.ts";

const Nest = z.strictObject({ eggs: z.int().default(0), notes: JsonValue.optional() });
const Bird = z.strictObject({ id: z.uuid(), anything: JsonValue }).meta({ id: "Bird" });
const common = { zone: "mind", auth: "user", scopes: ["birds:read"], summary: "A summary" } as const;

const listBirds = defineRoute({
  ...common,
  id: "list-birds",
  method: "GET",
  path: "/v1/birds",
  query: z.strictObject(pageQuery),
  status: 200,
  response: pageOf(Bird),
});
const buildNest = defineRoute({
  ...common,
  id: "build-nest",
  method: "POST",
  path: "/v1/birds/{bird_id}/nests/{place+}",
  params: z.strictObject({ bird_id: z.uuid(), place: z.string() }),
  body: Nest,
  status: 201,
  otherStatuses: { 202: "It is being built" },
  response: Bird,
  idempotent: true,
});
const health = defineRoute({
  ...common,
  id: "get-health",
  method: "GET",
  path: "/health",
  auth: "public",
  scopes: [],
  status: 200,
  response: null,
});

const MAX = Number.MAX_SAFE_INTEGER;
const info = { title: "Aviary", version: "1.0.0", description: "Birds" };
describe("describeApi", () => {
  const api = describeApi([listBirds, buildNest, health], info);

  const parsed = z
    .object({
      paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.record(z.string(), z.unknown()) }))),
      components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
    })
    .parse(api);
  const nests = ["paths", "/v1/birds/{bird_id}/nests/{place}", "post"];

  test("moves named schemas to the components and points at them", () => {
    const items = [
      "paths",
      "/v1/birds",
      "get",
      "responses",
      "200",
      "content",
      "application/json",
      "schema",
      "properties",
      "items",
      "items",
    ];

    expect(api).toHaveProperty(items, { $ref: "#/components/schemas/Bird" });
    expect(Object.keys(parsed.components.schemas)).toEqual(["Bird", "JsonValue", "Problem"]);
    expect(JSON.stringify(api)).not.toContain("$defs");
  });

  test("describes a query field as what its text must spell", () => {
    expect(api).toHaveProperty(["paths", "/v1/birds", "get", "parameters", 0], {
      name: "limit",
      in: "query",
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 100, default: 20, description: "Items on a page" },
    });
  });

  test("does not require a body's field that has a default", () => {
    const schema = [...nests, "requestBody", "content", "application/json", "schema"];

    expect(api).toHaveProperty([...schema, "properties", "eggs"], { type: "integer", default: 0, maximum: MAX, minimum: -MAX });
    expect(api).not.toHaveProperty([...schema, "required"]);
  });

  test("names the path's parameters, the idempotency key, every status and every problem of a route", () => {
    expect(api).toHaveProperty(
      [...nests, "parameters"],
      [
        expect.objectContaining({ name: "bird_id", in: "path", required: true }),
        expect.objectContaining({ name: "place", in: "path", required: true }),
        expect.objectContaining({ name: "Idempotency-Key", in: "header", required: false }),
      ],
    );
    expect(Object.keys(parsed.paths["/v1/birds/{bird_id}/nests/{place}"]?.["post"]?.responses ?? {})).toEqual([
      "201",
      "202",
      "400",
      "401",
      "403",
      "404",
      "409",
      "413",
      "415",
      "default",
    ]);
  });

  test("describes the answer under each status that may carry it", () => {
    const responses = parsed.paths["/v1/birds/{bird_id}/nests/{place}"]?.["post"]?.responses ?? {};

    expect(responses["202"]).toEqual({ ...z.looseObject({}).parse(responses["201"]), description: "It is being built" });
  });

  test("asks for a token with the route's scopes, and for none where the route is public", () => {
    expect(api).toHaveProperty([...nests, "security"], [{ bearer: ["birds:read"] }]);
    expect(api).not.toHaveProperty(["paths", "/health", "get", "security"]);
  });

  test("refuses two schemas under one name", () => {
    const other = defineRoute({ ...listBirds, path: "/v1/others", response: z.strictObject({ wings: z.int() }).meta({ id: "Bird2" }) });
    const clash = defineRoute({ ...listBirds, path: "/v1/clash", response: z.strictObject({ legs: z.int() }).meta({ id: "Bird2" }) });

    expect(() => describeApi([other, clash], info)).toThrow("Bird2");
  });

  test("refuses a route that is declared twice and a parameter without a schema", () => {
    const forgotten = defineRoute({ ...health, path: "/v1/birds/{bird_id}" });

    expect(() => describeApi([health, health], info)).toThrow("declared twice");
    expect(() => describeApi([forgotten], info)).toThrow("bird_id");
  });
});
