import type { APIGatewayProxyEvent } from "aws-lambda";
import * as z from "zod";
import type { ServedRoute } from "../../functions/route-table.ts";
import { identifyCaller } from "../../local/aws/api-gateway/proxy-event.ts";
import type { Route } from "../../shared/platform/api/route.ts";
import { sampleValue } from "../e2e/sample-value.ts";

export type EventFixture = { readonly file: string; readonly event: APIGatewayProxyEvent };

type Headers = Readonly<Record<string, string>>;

/** Where the least that a schema accepts would tell nobody what the route is for. */
const bodies: Readonly<Record<string, unknown>> = {
  "create-task": { goal: "Compute 17 * 3 and write it to answer.txt" },
  "execute-javascript": { code: "output(17 * 3)" },
  register: { username: "somebody", email: "somebody@example.org", password: "a long sentence is a good password" },
};

const segments: Readonly<Record<string, string>> = { code: "not-found", path: "notes/answer.txt" };

const SAMPLE_ID = "0198c0de-0000-7000-8000-00000000ffff";
const UPLOAD = "51\n";

/** The stage of the API, as `infra/constructs/rest-api.ts` names it. */
const STAGE = "live";

/**
 * What API Gateway would hand to the function behind a route for the least request that it accepts: the event of `sam local invoke`.
 * Behind the authorizer it carries what the authorizer would have found: an identity with the scopes that the route asks for.
 */
export function createEventFixture({ route, entry }: ServedRoute): EventFixture {
  const [service] = entry.split("/", 1);
  return { file: `examples/events/${service}/${route.id}.json`, event: createEvent(route) };
}

function createEvent(route: Route): APIGatewayProxyEvent {
  const params = sampleParams(route);
  const path = route.path.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => params[name] ?? "");
  const { body, headers } = sampleBody(route);
  const query = sampleQuery(route);
  return {
    resource: route.path,
    path,
    httpMethod: route.method,
    headers: { Accept: "*/*", Host: "api.example.org", ...headers },
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: query,
    multiValueQueryStringParameters:
      query === null ? null : Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
    pathParameters: Object.keys(params).length === 0 ? null : params,
    stageVariables: null,
    requestContext: createContext(route, path),
    body,
    isBase64Encoded: route.rawBody === true,
  };
}

function sampleParams(route: Route): Record<string, string> {
  const fields = Object.entries(route.params?.shape ?? {});
  return Object.fromEntries(fields.map(([name]) => [name, segments[name] ?? SAMPLE_ID]));
}

/** What a route cannot do without; most can do without all of it. */
function sampleQuery({ query }: Route): Record<string, string> | null {
  const given = query === undefined ? {} : z.record(z.string(), z.string()).parse(sampleValue(query));
  return Object.keys(given).length === 0 ? null : given;
}

function sampleBody(route: Route): { body: string | null; headers: Headers } {
  if (route.rawBody === true) return { body: Buffer.from(UPLOAD).toString("base64"), headers: { "Content-Type": "text/plain" } };
  if (route.body === undefined) return { body: null, headers: {} };
  const key: Headers = route.idempotent === true ? { "Idempotency-Key": `sample-${route.id}` } : {};
  return {
    body: JSON.stringify(bodies[route.id] ?? sampleValue(route.body)),
    headers: { "Content-Type": "application/json", ...key },
  };
}

function createContext(route: Route, path: string): APIGatewayProxyEvent["requestContext"] {
  return {
    accountId: "123456789012",
    apiId: "sampleapi0",
    authorizer: route.auth === "public" ? null : { workspace_id: SAMPLE_ID, user_id: SAMPLE_ID, scopes: route.scopes.join(" ") },
    protocol: "HTTP/1.1",
    httpMethod: route.method,
    identity: identifyCaller("203.0.113.1", "sam-local"),
    path: `/${STAGE}${path}`,
    stage: STAGE,
    requestId: `sample-${route.id}`,
    requestTimeEpoch: 1_767_225_600_000,
    resourceId: "sample",
    resourcePath: route.path,
  };
}
