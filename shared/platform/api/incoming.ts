import { isIP } from "node:net";
import type { APIGatewayProxyEvent } from "aws-lambda";
import * as z from "zod";
import { AppError, invalidRequest } from "../errors.ts";
import type { Identity, Visitor } from "./route.ts";

/** A request as API Gateway hands it over, before any route has looked at it. */
export type Incoming = {
  readonly requestId: string;
  readonly now: Date;
  readonly params: Readonly<Record<string, string>>;
  /** A list where a name was repeated. */
  readonly query: Readonly<Record<string, string | string[]>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly identity: Identity | undefined;
  readonly visitor: Visitor;
};

const MAX_USER_AGENT = 500;

/** What the authorizer decided. API Gateway writes it; no request can. */
const AuthorizerContext = z.object({
  workspace_id: z.uuid(),
  user_id: z.uuid(),
  scopes: z.string(),
  session_id: z.uuid().optional(),
});

export function readIncoming(event: APIGatewayProxyEvent, now: Date): Incoming {
  return {
    requestId: event.requestContext.requestId,
    now,
    params: withoutAbsent(event.pathParameters ?? {}),
    query: readQuery(event),
    headers: Object.fromEntries(Object.entries(withoutAbsent(event.headers ?? {})).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
    identity: readIdentity(event.requestContext.authorizer),
    visitor: readVisitor(event.requestContext.identity),
  };
}

/** @throws AppError `unauthenticated` */
export function requireIdentity(incoming: Incoming): Identity {
  if (incoming.identity === undefined) throw new AppError("unauthenticated", "Send a token or an API key as Authorization: Bearer …");
  return incoming.identity;
}

function readIdentity(context: unknown): Identity | undefined {
  const parsed = AuthorizerContext.safeParse(context);
  if (!parsed.success) return undefined;
  const { workspace_id, user_id, scopes, session_id } = parsed.data;
  return {
    workspaceId: workspace_id,
    userId: user_id,
    scopes: scopes.split(" ").filter((scope) => scope !== ""),
    ...(session_id === undefined ? {} : { sessionId: session_id }),
  };
}

function readVisitor({ sourceIp, userAgent }: APIGatewayProxyEvent["requestContext"]["identity"]): Visitor {
  return {
    ipAddress: isIP(sourceIp) === 0 ? undefined : sourceIp,
    userAgent: userAgent?.slice(0, MAX_USER_AGENT),
  };
}

function readQuery(event: APIGatewayProxyEvent): Record<string, string | string[]> {
  // Pairs: assigned to an object, a parameter named __proto__ would vanish instead of being refused.
  const query: [string, string | string[]][] = [];
  for (const [name, values = []] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    // Postgres stores no NUL, so no filter can match one.
    if (values.some((value) => value.includes("\0"))) {
      throw invalidRequest("The query holds a NUL character", [{ pointer: `#/query/${name}`, detail: "must not hold U+0000" }]);
    }
    const [only] = values;
    if (only !== undefined) query.push([name, values.length === 1 ? only : values]);
  }
  return Object.fromEntries(query);
}

function withoutAbsent(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) present[name] = value;
  return present;
}
