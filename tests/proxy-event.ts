import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import type { Identity } from "../shared/platform/api/route.ts";

export type EventParts = {
  params?: Record<string, string>;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  /** Objects are sent as JSON with its content type; text as it is, without one. */
  body?: object | string;
  identity?: Identity;
  requestId?: string;
};

/** A REST v1 proxy event as far as our handlers read it; what they do not read throws nothing but is not there. */
export function proxyEvent(method: string, resource: string, parts: EventParts = {}): APIGatewayProxyEvent {
  const { params = {}, query = {}, headers = {}, body, identity, requestId = "request-1" } = parts;
  return {
    httpMethod: method,
    resource,
    path: resource.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => params[name] ?? ""),
    pathParameters: params,
    queryStringParameters: null,
    multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat()])),
    headers: { ...(typeof body === "object" ? { "Content-Type": "application/json" } : {}), ...headers },
    multiValueHeaders: {},
    body: typeof body === "object" ? JSON.stringify(body) : (body ?? null),
    isBase64Encoded: false,
    stageVariables: null,
    requestContext: {
      requestId,
      identity: { sourceIp: "127.0.0.1", userAgent: "a test" },
      authorizer: identity === undefined ? null : authorizerContext(identity),
    },
  } as unknown as APIGatewayProxyEvent;
}

/** Lambda's context, of which our handlers read nothing. */
export const lambdaContext = {} as Context;

function authorizerContext(identity: Identity) {
  return {
    workspace_id: identity.workspaceId,
    user_id: identity.userId,
    scopes: identity.scopes.join(" "),
    ...(identity.sessionId === undefined ? {} : { session_id: identity.sessionId }),
  };
}
