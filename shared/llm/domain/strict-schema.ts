import { JsonObject, type JsonValue } from "../../platform/json.ts";

/**
 * The form of a JSON schema that vendors can hold a model to ("strict mode"): every object closed, every property required, no limits on
 * the length of strings (they are not among the supported keywords). A choice between forms loses the forms that do not fit, such as an
 * object of free keys; so every value of the strict form is also one of the given schema, but for string lengths and safe integers.
 * Undefined when the schema has no strict form.
 * https://developers.openai.com/api/docs/guides/structured-outputs
 */
export function toStrictSchema(schema: JsonObject): JsonObject | undefined {
  const { $schema: _dialect, ...rest } = schema;
  const strict = restrict(rest);
  return strict !== undefined && strict["type"] === "object" ? strict : undefined;
}

const UNSUPPORTED = new Set([
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "patternProperties",
  "propertyNames",
  "prefixItems",
  "default",
]);
const DROPPED = new Set(["minLength", "maxLength"]);

function restrict(schema: JsonObject): JsonObject | undefined {
  if (Object.keys(schema).some((key) => UNSUPPORTED.has(key)) || !isClosed(schema)) return undefined;
  const strict: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (DROPPED.has(key) || isLimitOfSafeIntegers(key, value)) continue;
    const restricted = restrictKeyword(key, value);
    if (restricted === undefined) return undefined;
    strict[key] = restricted;
  }
  return strict;
}

function restrictKeyword(key: string, value: JsonValue): JsonValue | undefined {
  if (key === "properties" || key === "$defs") return restrictEach(JsonObject.parse(value));
  if (key === "items") return restrict(JsonObject.parse(value));
  if (key === "anyOf" && Array.isArray(value)) {
    const fitting = value.flatMap((form) => restrict(JsonObject.parse(form)) ?? []);
    return fitting.length === 0 ? undefined : fitting;
  }
  return value;
}

function restrictEach(schemas: JsonObject): JsonObject | undefined {
  const strict: JsonObject = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const restricted = restrict(JsonObject.parse(schema));
    if (restricted === undefined) return undefined;
    strict[name] = restricted;
  }
  return strict;
}

function isClosed(schema: JsonObject): boolean {
  if (schema["type"] !== "object") return true;
  const required = schema["required"];
  const properties = Object.keys(JsonObject.parse(schema["properties"] ?? {}));
  return schema["additionalProperties"] === false && properties.every((name) => Array.isArray(required) && required.includes(name));
}

/** zod writes the range of safe integers out; to a model it says nothing. */
function isLimitOfSafeIntegers(key: string, value: JsonValue): boolean {
  return (key === "minimum" || key === "maximum") && typeof value === "number" && Math.abs(value) === Number.MAX_SAFE_INTEGER;
}
