import * as z from "zod";
import { needsNoBody } from "../../shared/platform/api/parse-request.ts";
import { Problem } from "../../shared/platform/api/problem.ts";
import { pathParameters, type Route } from "../../shared/platform/api/route.ts";
import { JsonObject, type JsonValue } from "../../shared/platform/json.ts";

/**
 * The OpenAPI 3.1 document of a list of routes. Schemas with `.meta({ id })` become components.
 * @throws Error when two different schemas carry the same id, or two routes the same operation
 */
export function describeApi(routes: readonly Route[], info: { title: string; version: string; description: string }): JsonObject {
  const components: Components = new Map();
  const problem = toSchema(components, Problem, "output");
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replaceAll("+}", "}");
    const method = route.method.toLowerCase();
    const operations = (paths[path] ??= {});
    if (method in operations) throw new Error(`${route.method} ${route.path} is declared twice`);
    operations[method] = describeOperation(route, components);
  }
  return {
    openapi: "3.1.0",
    info: { ...info, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: sortByName(components),
      responses: {
        Problem: {
          description: "Why it was not carried out",
          content: { "application/problem+json": { schema: problem } },
        },
      },
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "An access token or an API key" } },
    },
  };
}

function describeOperation(route: Route, components: Components): JsonObject {
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.path.split("/")[2] ?? "health"],
    ...(route.auth === "user" ? { security: [{ bearer: [...route.scopes] }] } : {}),
    parameters: [
      ...pathParameters(route.path).map((name) => describeParameter("path", name, route.params?.shape[name], components)),
      ...describeFields("query", route.query, components),
      ...describeFields("header", route.headers, components),
      ...(route.idempotent === true ? [IDEMPOTENCY_KEY] : []),
    ],
    ...describeBody(route, components),
    responses: describeResponses(route, components),
  };
}

const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key and request get the same answer for a day",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};

type Place = "path" | "query" | "header";

function describeFields(place: Place, schema: z.ZodObject | undefined, components: Components): JsonObject[] {
  // OpenAPI has a word of its own for credentials.
  const fields = Object.entries(schema?.shape ?? {}).filter(([name]) => name !== "authorization");
  return fields.map(([name, field]) => describeParameter(place, name, field, components));
}

function describeParameter(place: Place, name: string, schema: unknown, components: Components): JsonObject {
  if (!(schema instanceof z.ZodType)) throw new Error(`the parameter ${name} has no schema`);
  const required = place === "path" || !schema.safeParse(undefined).success;
  // Everything arrives as text; what it must spell is the schema's output.
  return { name, in: place, required, schema: toSchema(components, schema, "output") };
}

function describeBody(route: Route, components: Components): JsonObject {
  if (route.rawBody === true)
    return { requestBody: { required: true, content: { "*/*": { schema: { type: "string", format: "binary" } } } } };
  if (route.body === undefined) return {};
  const content = { "application/json": { schema: toSchema(components, route.body, "input") } };
  return { requestBody: { required: !needsNoBody(route), content } };
}

const NO_CONTENT = "204";

function describeResponses(route: Route, components: Components): JsonObject {
  const problems = [
    ...(route.auth === "user" ? [401, 403] : []),
    ...(pathParameters(route.path).length > 0 ? [404] : []),
    ...(route.idempotent === true ? [409] : []),
    ...(route.body !== undefined ? [400, 413, 415] : []),
  ];
  const responses: Record<string, JsonValue> = { [route.status]: describeSuccess(route, components) };
  for (const [status, description] of Object.entries(route.otherStatuses ?? {})) {
    responses[status] = { ...(status === NO_CONTENT ? {} : describeSuccess(route, components)), description };
  }
  for (const status of problems) responses[status] = { $ref: "#/components/responses/Problem" };
  return { ...responses, default: { $ref: "#/components/responses/Problem" } };
}

function describeSuccess(route: Route, components: Components): JsonObject {
  const content: Record<string, JsonValue> = {};
  if (route.response !== null) content["application/json"] = { schema: toSchema(components, route.response, "output") };
  if (route.rawResponse === true) content["*/*"] = { schema: { type: "string", format: "binary" } };
  if (route.stream === true) content["text/event-stream"] = { schema: { type: "string" } };
  return { description: route.summary, ...(Object.keys(content).length === 0 ? {} : { content }) };
}

/** The named schemas met so far. */
type Components = Map<string, JsonValue>;

/** The schema as JSON, with what it names moved to the components. */
function toSchema(components: Components, schema: z.ZodType, io: "input" | "output"): JsonObject {
  const text = JSON.stringify(z.toJSONSchema(schema, { io }))
    .replaceAll('"#/$defs/', '"#/components/schemas/')
    // The only schema without a name that holds itself.
    .replaceAll(/__schema\d+/g, "JsonValue");
  const { $schema: _, $defs, ...rest } = JsonObject.parse(JSON.parse(text));
  for (const [name, definition] of Object.entries(JsonObject.parse($defs ?? {}))) {
    const known = components.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) throw new Error(`two schemas are called ${name}`);
    components.set(name, definition);
  }
  return rest;
}

function sortByName(components: Components): JsonObject {
  return Object.fromEntries([...components].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
