import type * as z from "zod";

/**
 * A route, declared once as a value. API Gateway, OpenAPI, the embedded server, validation and the typed client all derive from it.
 * Browser-safe: contract files import this and zod only.
 */
export type Route = {
  /** Verb-noun, unique: `create-task`. Also the operation id, and part of an idempotency record's key. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Starts with `/`. `{name}` is one segment, `{name+}` the rest of the path. */
  readonly path: `/${string}`;
  readonly zone: "mind" | "hands";
  /** `user` is behind the authorizer; `public` is not, and its handler gets no identity. */
  readonly auth: "public" | "user";
  /** All of them are required; empty for public routes. */
  readonly scopes: readonly string[];
  readonly summary: string;
  /** One field per name in `path`. A value that does not fit is answered like one that does not exist: 404. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Lower-case names; only these reach the use-case. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What a success answers unless the use-case says otherwise, with one of `otherStatuses`. */
  readonly status: number;
  readonly otherStatuses?: Readonly<Record<number, string>>;
  /** null for an answer without a body, or with one that is not JSON. */
  readonly response: z.ZodType | null;
  /** Bytes of the decoded body that are accepted; 64 KiB unless told. */
  readonly limits?: { readonly bodyBytes: number };
  /** Takes an Idempotency-Key: the same key and request get the same answer for a day. */
  readonly idempotent?: true;
  /** The answer is streamed: server-sent events, or JSON that takes long. */
  readonly stream?: true;
  /** The body is bytes of any type, not JSON. */
  readonly rawBody?: true;
  /** The answer is bytes of any type, not JSON. */
  readonly rawResponse?: true;
};

/** Keeps the types of the schemas, so that a handler's request and a client's answer are typed by the route itself. */
export function defineRoute<const Declared extends Route>(route: Declared): Declared {
  return route;
}

/** Where a body has no limit of its own. */
export const DEFAULT_BODY_BYTES = 65_536;

/** `/v1/runs/{run_id}/files/{path+}` has the parameters run_id and path. */
export function pathParameters(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\+?\}/g)].flatMap(([, name]) => name ?? []);
}

export type Identity = {
  readonly workspaceId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  /** Only behind a session's token, not behind an API key. */
  readonly sessionId?: string;
};

/** Where a request came from, as far as the gateway knows. */
export type Visitor = { readonly ipAddress: string | undefined; readonly userAgent: string | undefined };

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a use-case gets: everything has been checked. */
export type RequestOf<Declared extends Route> = {
  readonly params: Parsed<Declared["params"]>;
  readonly query: Parsed<Declared["query"]>;
  readonly headers: Parsed<Declared["headers"]>;
  readonly body: Declared["rawBody"] extends true ? Uint8Array : Parsed<Declared["body"]>;
  readonly identity: Declared["auth"] extends "user" ? Identity : undefined;
  readonly requestId: string;
  readonly visitor: Visitor;
  /** The Content-Type as sent, for bodies of any type. */
  readonly contentType: string | undefined;
  readonly now: Date;
};

/** Bytes instead of JSON. */
export type RawAnswer = { readonly raw: Uint8Array; readonly contentType: string };

type AnswerBody<Declared extends Route> = Declared["rawResponse"] extends true
  ? RawAnswer
  : Declared["response"] extends z.ZodType
    ? z.input<Declared["response"]>
    : undefined;

/** What a use-case answers: the body that its route declares, under whichever of its statuses, or one of the others without a body. */
export type AnswerOf<Declared extends Route> = (
  | { readonly body: AnswerBody<Declared>; readonly status?: number }
  | { readonly status: number; readonly body?: undefined }
) & { readonly headers?: Readonly<Record<string, string>> };

/**
 * A use-case behind a route.
 * @param newId a fresh UUIDv7 for what the request creates. It stays the same when a request with an Idempotency-Key is tried again after
 * its first try died half-way, so that an insert `ON CONFLICT (id) DO NOTHING` cannot create twice.
 */
export type UseCase<Declared extends Route, Result = AnswerOf<Declared>> = (request: RequestOf<Declared>, newId: string) => Promise<Result>;
