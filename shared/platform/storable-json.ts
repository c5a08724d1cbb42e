import type * as z from "zod";
import { type JsonValue, parseJson } from "./json.ts";

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
export function parseStorable(text: string): JsonValue {
  const value = parseJson(text);
  return UNSTORABLE.test(text) ? clean(value) : value;
}

function clean(part: JsonValue): JsonValue {
  if (typeof part === "string") return cleanText(part);
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map(clean);
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [cleanText(key), clean(value)]));
}

function cleanText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
