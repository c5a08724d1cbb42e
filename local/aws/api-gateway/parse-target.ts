import { invalidRequest } from "../../../shared/platform/errors.ts";

export type Target = {
  /** As sent, without the query. */
  readonly path: string;
  /** Decoded. */
  readonly segments: readonly string[];
  /** Decoded, every value of every name, in the order sent. */
  readonly query: ReadonlyMap<string, readonly string[]>;
};

/** @throws AppError `invalid-request` for what is no path, is not well percent-encoded, or climbs with dot segments */
export function parseTarget(url: string): Target {
  const [path = "", ...queryParts] = url.split("?");
  if (!path.startsWith("/")) throw invalidRequest("The request's target is not a path");
  const segments = path.slice(1).split("/").map(decode);
  // A slash at the end names the same resource.
  if (segments.length > 1 && segments.at(-1) === "") segments.pop();
  if (segments.some((segment) => /^\.\.?$|\0/.test(segment) || segment.split("/").some((part) => part === "." || part === ".."))) {
    throw invalidRequest("The path must not hold dot segments or NUL characters");
  }
  return { path, segments, query: parseQuery(queryParts.join("?")) };
}

function parseQuery(text: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [name = "", ...value] = pair.replaceAll("+", " ").split("=");
    const key = decode(name);
    const values = query.get(key) ?? [];
    values.push(decode(value.join("=")));
    query.set(key, values);
  }
  return query;
}

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidRequest("The path or the query is not well percent-encoded");
  }
}
