import type * as z from "zod";
import type { JsonValue } from "./json.ts";

/** What Postgres refuses in jsonb text, as JSON.stringify writes it: U+0000 and halves of surrogate pairs. */
const UNSTORABLE = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/**
 * The same value as Postgres can hold it: characters that it refuses become U+FFFD. What hands report comes from models and programs, and
 * one such character would otherwise make the commit of its answer fail for ever.
 */
export function toStorable<Value extends JsonValue>(value: Value, schema: z.ZodType<Value>): Value {
  const text = JSON.stringify(value);
  return UNSTORABLE.test(text) ? schema.parse(parseStorable(text)) : value;
}

/** The same JSON as Postgres can hold it: what is never compared with a hash may be made storable as late as this. */
export function toStorableText(text: string): string {
  return UNSTORABLE.test(text) ? JSON.stringify(parseStorable(text)) : text;
}

/** JSON.parse, of whose texts and keys Postgres can hold every one. @throws SyntaxError */
export function parseStorable(text: string): unknown {
  return JSON.parse(text, UNSTORABLE.test(text) ? clean : undefined);
}

function clean(_key: string, part: unknown): unknown {
  if (typeof part === "string") return cleanText(part);
  if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]: [string, unknown]) => [cleanText(key), value]));
}

function cleanText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
