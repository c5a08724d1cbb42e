import * as z from "zod";
import { AppError, type FieldError, invalidRequest, notFound } from "../errors.ts";
import { type Incoming, requireIdentity } from "./incoming.ts";
import { parseJsonBody } from "./json-body.ts";
import { joinPointer } from "./pointer.ts";
import { DEFAULT_BODY_BYTES, type RequestOf, type Route } from "./route.ts";

const NoFields = z.strictObject({});

/**
 * Everything a request must pass before its use-case sees it, in this order: identity, scopes, path, query and headers, size, type,
 * JSON, schema.
 * @throws AppError
 */
export function parseRequest<Declared extends Route>(route: Declared, incoming: Incoming): RequestOf<Declared> {
  const identity = route.auth === "user" ? requireIdentity(incoming) : undefined;
  requireScopes(route, identity?.scopes ?? []);
  const params = (route.params ?? NoFields).safeParse(incoming.params);
  if (!params.success) throw notFound("The resource");
  const request = {
    params: params.data,
    query: parseFields(route.query ?? NoFields, incoming.query, "query"),
    headers: parseFields(route.headers ?? NoFields, pick(incoming.headers, route.headers), "headers"),
    body: parseBody(route, incoming),
    identity,
    requestId: incoming.requestId,
    visitor: incoming.visitor,
    contentType: incoming.headers["content-type"],
    now: incoming.now,
  };
  // Each part was parsed by the route's own schema just above, which is what RequestOf says and inference cannot follow.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return request as unknown as RequestOf<Declared>;
}

function requireScopes(route: Route, granted: readonly string[]): void {
  const missing = route.scopes.filter((scope) => !granted.includes(scope));
  if (missing.length > 0) throw new AppError("forbidden", `This needs the scope ${missing.join(" and ")}`);
}

function parseBody(route: Route, incoming: Incoming): unknown {
  const limit = route.limits?.bodyBytes ?? DEFAULT_BODY_BYTES;
  if (incoming.body.length > limit)
    throw new AppError("too-large", `The body has ${incoming.body.length} bytes; this route accepts ${limit}`);
  if (route.rawBody === true) return incoming.body;
  // Many clients send {} or nothing where nothing is expected or needed; both are the same, anything else is an unknown field.
  if (incoming.body.length === 0 && needsNoBody(route)) return route.body?.parse({});
  if (!isJson(incoming.headers["content-type"])) throw new AppError("unsupported-media-type", "Send the body as application/json");
  const parsed = (route.body ?? NoFields).safeParse(parseJsonBody(incoming.body));
  if (!parsed.success) throw refuseFields(parsed.error, []);
  return route.body === undefined ? undefined : parsed.data;
}

/** Whether nothing of the body is required: who sends none means `{}`. */
export function needsNoBody({ body }: Pick<Route, "body">): boolean {
  return body === undefined || body.safeParse({}).success;
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i.test(contentType ?? "");
}

function parseFields(schema: z.ZodObject, values: unknown, where: "query" | "headers"): unknown {
  const parsed = schema.safeParse(values);
  if (!parsed.success) throw refuseFields(parsed.error, [where]);
  return parsed.data;
}

/** Clients send many headers that no route asked for. */
function pick(headers: Incoming["headers"], schema: z.ZodObject | undefined): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(schema?.shape ?? {}).flatMap((name) => (name in headers ? [[name, headers[name]]] : [])));
}

function refuseFields(error: z.ZodError, prefix: readonly string[]): AppError {
  const errors: FieldError[] = error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code !== "unrecognized_keys") return [{ pointer: joinPointer(path), detail: issue.message }];
    return issue.keys.map((key) => ({ pointer: joinPointer([...path, key]), detail: "There is no such field" }));
  });
  return invalidRequest(errors.length === 1 ? "One field is wrong" : `${errors.length} fields are wrong`, errors);
}
