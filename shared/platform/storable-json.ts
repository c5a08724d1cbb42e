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
  if (!UNSTORABLE.test(text)) return value;
  return schema.parse(JSON.parse(text, (_key, part: unknown) => (typeof part === "string" ? cleanText(part) : part)));
}

function cleanText(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
