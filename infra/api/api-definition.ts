import type { FunctionEntry } from "../../functions/function-table.ts";
import type { ServedRoute } from "../../functions/route-table.ts";
import { pathParameters, type Route } from "../../shared/platform/api/route.ts";
import { describeGatewayResponses } from "./gateway-responses.ts";
import { describeOtherMethods } from "./other-methods.ts";

/** API Gateway waits no longer for a buffered answer. */
const BUFFERED_MILLISECONDS = 29_000;
/** A revoked key or session may be let in for so long. */
export const AUTHORIZER_CACHE_SECONDS = 60;

export type ApiDefinitionProps = {
  readonly routes: readonly ServedRoute[];
  /** Where API Gateway reaches a function, buffered or streamed. */
  readonly integrationUri: (entry: FunctionEntry, isStream: boolean) => string;
  readonly timeoutSeconds: (entry: FunctionEntry) => number;
};

type Operation = Readonly<Record<string, unknown>>;

/**
 * What API Gateway needs to know of the API, in OpenAPI 3.0.1, which is what it reads: paths, methods and integrations. No schemas: the
 * handlers check requests, and the document for people is another one.
 */
export function describeRestApi(props: ApiDefinitionProps) {
  const paths = [...new Set(props.routes.map(({ route }) => route.path))];
  return {
    openapi: "3.0.1",
    info: { title: "CognitionOS", version: "1" },
    paths: Object.fromEntries(paths.map((path) => [path, describePath(path, props)])),
    components: { securitySchemes: { bearer: describeAuthorizer(props.integrationUri("gateway/authorizer", false)) } },
    "x-amazon-apigateway-gateway-responses": describeGatewayResponses(),
  };
}

function describePath(path: string, { routes, integrationUri, timeoutSeconds }: ApiDefinitionProps): Record<string, Operation> {
  const served = routes.filter(({ route }) => route.path === path);
  const operations: Record<string, Operation> = {};
  for (const { route, entry } of served) {
    const isStream = route.stream === true;
    const milliseconds = isStream ? (timeoutSeconds(entry) + 1) * 1_000 : BUFFERED_MILLISECONDS;
    operations[route.method.toLowerCase()] = describeOperation(route, integrationUri(entry, isStream), milliseconds);
  }
  // A stream has no end to measure, so it has no HEAD.
  const isMeasurable = served.some(({ route }) => route.method === "GET" && route.stream !== true);
  if (isMeasurable && operations["get"] !== undefined) operations["head"] = operations["get"];
  const methods = [...Object.keys(operations).map((method) => method.toUpperCase()), "OPTIONS"];
  return { ...operations, ...describeOtherMethods(methods) };
}

function describeOperation(route: Route, uri: string, timeoutInMillis: number): Operation {
  const names = pathParameters(route.path);
  return {
    ...(names.length === 0 ? {} : { parameters: names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })) }),
    ...(route.auth === "user" ? { security: [{ bearer: [] }] } : {}),
    responses: { [route.status]: { description: route.summary } },
    "x-amazon-apigateway-integration": {
      type: "aws_proxy",
      httpMethod: "POST",
      uri,
      passthroughBehavior: "when_no_match",
      timeoutInMillis,
      ...(route.stream === true ? { responseTransferMode: "STREAM" } : {}),
    },
  };
}

function describeAuthorizer(authorizerUri: string): Operation {
  return {
    type: "apiKey",
    name: "Authorization",
    in: "header",
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {
      type: "request",
      authorizerUri,
      // The only source: with more, all of them would have to be there.
      identitySource: "method.request.header.Authorization",
      authorizerResultTtlInSeconds: AUTHORIZER_CACHE_SECONDS,
    },
  };
}
