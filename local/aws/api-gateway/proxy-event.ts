import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type {
  APIGatewayEventDefaultAuthorizerContext,
  APIGatewayEventIdentity,
  APIGatewayEventRequestContext,
  APIGatewayProxyEvent,
  APIGatewayRequestAuthorizerEvent,
} from "aws-lambda";
import { ACCOUNT_ID, REGION } from "../queue.ts";
import type { GatewayRoute } from "./gateway-route.ts";
import type { Target } from "./parse-target.ts";

const API_ID = "local";
const STAGE = "local";

export type Arrival = {
  readonly request: IncomingMessage;
  readonly requestId: string;
  readonly now: number;
  readonly target: Target;
  readonly route: GatewayRoute;
  readonly parameters: Readonly<Record<string, string>>;
};

/** The proxy event of API Gateway's REST API, without body and authorizer. */
export function createProxyEvent(arrival: Arrival): APIGatewayProxyEvent {
  const { request, target, route, parameters } = arrival;
  return {
    resource: route.path,
    path: target.path,
    httpMethod: request.method ?? route.method,
    ...readHeaders(request),
    ...readQuery(target),
    pathParameters: Object.keys(parameters).length === 0 ? null : { ...parameters },
    stageVariables: null,
    requestContext: createRequestContext(arrival),
    body: null,
    isBase64Encoded: false,
  };
}

/** Text travels as it is; what is not text, or not UTF-8, as base64, so that every byte arrives. */
export function withBody(event: APIGatewayProxyEvent, body: Buffer, contentType: string | undefined): APIGatewayProxyEvent {
  if (body.length === 0) return event;
  const isText = isTextual(contentType) && isUtf8(body);
  return { ...event, body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

export function withAuthorizer(event: APIGatewayProxyEvent, authorizer: APIGatewayEventDefaultAuthorizerContext): APIGatewayProxyEvent {
  return { ...event, requestContext: { ...event.requestContext, authorizer } };
}

export function createAuthorizerEvent(event: APIGatewayProxyEvent): APIGatewayRequestAuthorizerEvent {
  const { resource, path, httpMethod, headers, multiValueHeaders, pathParameters, stageVariables, requestContext } = event;
  const { queryStringParameters, multiValueQueryStringParameters } = event;
  return {
    type: "REQUEST",
    methodArn: `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/${STAGE}/${httpMethod}${path}`,
    resource,
    path,
    httpMethod,
    headers,
    multiValueHeaders,
    pathParameters,
    queryStringParameters,
    multiValueQueryStringParameters,
    stageVariables,
    requestContext: { ...requestContext, authorizer: undefined },
  };
}

function isTextual(contentType: string | undefined): boolean {
  return (
    contentType === undefined || /^(text\/|application\/(json|[\w.+-]+\+json|xml|x-www-form-urlencoded|x-ndjson)\b)/i.test(contentType)
  );
}

/** Names as the client wrote them; where a name was repeated, `headers` holds its last value. */
function readHeaders({ rawHeaders }: IncomingMessage): Pick<APIGatewayProxyEvent, "headers" | "multiValueHeaders"> {
  const written = new Map<string, string>();
  const headers: Record<string, string> = {};
  const multiValueHeaders: Record<string, string[]> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [raw = "", value = ""] = rawHeaders.slice(index, index + 2);
    const name = written.get(raw.toLowerCase()) ?? raw;
    written.set(raw.toLowerCase(), name);
    headers[name] = value;
    (multiValueHeaders[name] ??= []).push(value);
  }
  return { headers, multiValueHeaders };
}

function readQuery({ query }: Target): Pick<APIGatewayProxyEvent, "queryStringParameters" | "multiValueQueryStringParameters"> {
  if (query.size === 0) return { queryStringParameters: null, multiValueQueryStringParameters: null };
  const entries = [...query];
  return {
    queryStringParameters: Object.fromEntries(entries.map(([name, values]) => [name, values.at(-1) ?? ""])),
    multiValueQueryStringParameters: Object.fromEntries(entries.map(([name, values]) => [name, [...values]])),
  };
}

function createRequestContext({ request, requestId, now, target, route }: Arrival): APIGatewayEventRequestContext {
  return {
    accountId: ACCOUNT_ID,
    apiId: API_ID,
    authorizer: null,
    domainName: request.headers.host ?? "",
    domainPrefix: API_ID,
    extendedRequestId: requestId,
    httpMethod: request.method ?? route.method,
    identity: identifyCaller(request.socket.remoteAddress ?? "", request.headers["user-agent"] ?? null),
    path: target.path,
    protocol: `HTTP/${request.httpVersion}`,
    requestId,
    requestTime: new Date(now).toUTCString(),
    requestTimeEpoch: now,
    resourceId: route.path,
    resourcePath: route.path,
    stage: STAGE,
  };
}

/** What API Gateway knows of a caller by the connection alone; who it is comes from the authorizer. */
export function identifyCaller(sourceIp: string, userAgent: string | null): APIGatewayEventIdentity {
  return {
    sourceIp,
    userAgent,
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    user: null,
    userArn: null,
  };
}
