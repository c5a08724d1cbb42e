import type * as z from "zod";
import { invalidRequest } from "../errors.ts";
import type { JsonValue } from "../json.ts";

/** The place after the last item of a page, opaque to clients. */
export function encodeCursor(lastKey: JsonValue): string {
  return Buffer.from(JSON.stringify(lastKey)).toString("base64url");
}

/**
 * Reads a cursor that a client sent back; undefined is the first page. It is outside data like any other: a forged one can only name
 * another place in the same list.
 * @throws AppError `invalid-request`
 */
export function decodeCursor<Key>(schema: z.ZodType<Key>, cursor: string | undefined): Key | undefined {
  if (cursor === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(Buffer.from(cursor, "base64url").toString("utf8")));
  if (parsed.success) return parsed.data;
  throw invalidRequest("The cursor is not one of this list", [{ pointer: "#/query/cursor", detail: "use next_cursor as it was given" }]);
}

/**
 * Cuts rows that were read with LIMIT `limit + 1` into a page and the cursor of the next, which is null when no row is left over.
 * @param keyOf what the next page's statement starts after
 */
export function cutPage<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => JsonValue,
): { items: Row[]; next_cursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
