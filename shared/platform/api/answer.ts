import type { Route } from "./route.ts";

/** What API Gateway gets. */
export type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
};

type Outcome = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

/**
 * Writes what a use-case answered, after checking it against the route: a status or a body that the route does not declare is our
 * defect and becomes a 500, not something a client has to cope with.
 */
export function writeAnswer(route: Route, answer: Outcome): Answer {
  const statusCode = answer.status ?? route.status;
  if (statusCode !== route.status && route.otherStatuses?.[statusCode] === undefined) {
    throw new Error(`${route.id} answered ${statusCode}, which it does not declare`);
  }
  const headers = answer.headers ?? {};
  const { body } = answer;
  if (body === undefined) {
    if (statusCode === route.status && (route.response !== null || route.rawResponse === true))
      throw new Error(`${route.id} answered no body`);
    return { statusCode, headers, body: "" };
  }
  if (isRaw(body)) {
    return {
      statusCode,
      headers: { ...headers, "content-type": body.contentType },
      body: Buffer.from(body.raw).toString("base64"),
      isBase64Encoded: true,
    };
  }
  if (route.response === null) throw new Error(`${route.id} answered a body, which it does not declare`);
  return { statusCode, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(route.response.parse(body)) };
}

function isRaw(body: unknown): body is { raw: Uint8Array; contentType: string } {
  return typeof body === "object" && body !== null && "raw" in body && body.raw instanceof Uint8Array;
}
