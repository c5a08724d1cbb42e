import type { JsonObject, JsonValue } from "../../../shared/platform/json.ts";

/** What a reference path like `$.a.b` points at; undefined where there is nothing. */
export function readPath(document: JsonValue, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = document;
  for (const name of path.split(".").slice(1)) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * The document with `value` at the path, which is made where it does not exist; null leaves the document as it is. A part of the path
 * that is there and no object is replaced, as Step Functions does.
 */
export function writePath(document: JsonValue, path: string | null, value: JsonValue): JsonValue {
  if (path === null) return document;
  const [name, ...rest] = path.split(".").slice(1);
  if (name === undefined) return value;
  const fields: JsonObject = isObject(document) ? document : {};
  const inner = Object.hasOwn(fields, name) ? (fields[name] ?? null) : {};
  return { ...fields, [name]: writePath(inner, ["$", ...rest].join("."), value) };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
