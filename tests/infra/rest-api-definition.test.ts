import { describe, expect, test } from "vitest";
import * as z from "zod";
import { functionTable } from "../../functions/function-table.ts";
import { routeTable } from "../../functions/route-table.ts";
import { describeRestApi } from "../../infra/api/api-definition.ts";
import { createRouter, matchRoute } from "../../local/aws/api-gateway/match-route.ts";
import { gatewayRoutes } from "../../local/gateway-routes.ts";

const Integration = z.object({
  type: z.enum(["aws_proxy", "mock"]),
  uri: z.string().optional(),
  timeoutInMillis: z.number().optional(),
  responseTransferMode: z.string().optional(),
  responses: z.object({ default: z.object({ statusCode: z.string(), responseParameters: z.record(z.string(), z.string()) }) }).optional(),
});
const Definition = z.object({
  openapi: z.literal("3.0.1"),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
        parameters: z.array(z.object({ name: z.string(), in: z.literal("path") })).optional(),
        "x-amazon-apigateway-integration": Integration,
      }),
    ),
  ),
});

const definition = Definition.parse(
  describeRestApi({
    routes: routeTable,
    integrationUri: (entry, isStream) => `${isStream ? "stream" : "invoke"}:${entry}`,
    timeoutSeconds: (entry) => functionTable[entry].timeoutSeconds,
  }),
);
const operationOf = (method: string, path: string) => definition.paths[path]?.[method.toLowerCase()];
const router = createRouter(gatewayRoutes());

describe("the definition that API Gateway is made of", () => {
  test.each(routeTable)("has $route.method $route.path as its route says", ({ route, entry }) => {
    const operation = operationOf(route.method, route.path);
    const names = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name);

    expect(operation?.["x-amazon-apigateway-integration"]).toMatchObject({
      type: "aws_proxy",
      uri: `${route.stream === true ? "stream" : "invoke"}:${entry}`,
    });
    expect(operation?.["x-amazon-apigateway-integration"].responseTransferMode).toBe(route.stream === true ? "STREAM" : undefined);
    expect(operation?.security).toEqual(route.auth === "user" ? [{ bearer: [] }] : undefined);
    expect(operation?.parameters?.map(({ name }) => name) ?? []).toEqual(names);
  });

  test("waits 29 s for a whole answer, and for a stream as long as its function may run", () => {
    const waits = routeTable.map(({ route, entry }) => ({
      given: operationOf(route.method, route.path)?.["x-amazon-apigateway-integration"].timeoutInMillis,
      wanted: route.stream === true ? (functionTable[entry].timeoutSeconds + 1) * 1_000 : 29_000,
    }));

    expect(waits.filter(({ given, wanted }) => given !== wanted)).toEqual([]);
  });

  test.each(Object.keys(definition.paths))("tells of other methods of %s what the embedded gateway tells", (path) => {
    const segments = path
      .replaceAll(/\{\w+\+?\}/g, "x")
      .split("/")
      .slice(1);
    const embedded = matchRoute(router, "TRACE", segments);
    const allow = embedded.kind === "wrong-method" ? embedded.methods.join(", ") : "";
    const answered = (method: string) => operationOf(method, path)?.["x-amazon-apigateway-integration"].responses?.default;

    expect(answered("options")).toMatchObject({ statusCode: "204", responseParameters: { "method.response.header.allow": `'${allow}'` } });
    expect(answered("x-amazon-apigateway-any-method")).toMatchObject({
      statusCode: "405",
      responseParameters: {
        "method.response.header.allow": `'${allow}'`,
        "method.response.header.content-type": "'application/problem+json'",
      },
    });
  });

  test("has no HEAD where GET is a stream, and the same as GET elsewhere", () => {
    const paths = routeTable.filter(({ route }) => route.method === "GET");

    for (const { route } of paths) {
      expect(operationOf("HEAD", route.path)).toEqual(route.stream === true ? undefined : operationOf("GET", route.path));
    }
  });
});
