import { canonicalJson } from "../canonical-json.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { matchPattern } from "../pattern/match-pattern.ts";
import { parsePattern } from "../pattern/parse-pattern.ts";

export type Mismatch = { pointer: string; message: string };

/** Comparisons of one schema with one value that are made before it is given up as too large: well below a second. */
const MAX_STEPS = 200_000;
const MAX_MISMATCHES = 10;

/** Thrown where schema and value together are too large to be compared. */
class TooLarge extends Error {
  override readonly name = "TooLarge";
}

type Check = { steps: number };

/**
 * Where a value is not what a schema asks for, at most ten places; empty when it is. The schema must be one in which `findSchemaFaults` finds
 * nothing. What is too large to be checked does not pass.
 */
export function checkJson(schema: JsonValue, value: JsonValue): Mismatch[] {
  try {
    return compare({ steps: 0 }, schema, value, "").slice(0, MAX_MISMATCHES);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    return [{ pointer: "", message: "schema and value together are too large to be checked" }];
  }
}

function compare(check: Check, schema: JsonValue, value: JsonValue, pointer: string): Mismatch[] {
  check.steps += 1;
  if (check.steps > MAX_STEPS) throw new TooLarge();
  if (typeof schema === "boolean") return schema ? [] : [{ pointer, message: "nothing is allowed here" }];
  if (!isObject(schema)) return [];
  return [
    ...compareAny(schema, value).map((message) => ({ pointer, message })),
    ...compareNumber(schema, value).map((message) => ({ pointer, message })),
    ...compareText(schema, value).map((message) => ({ pointer, message })),
    ...compareArray(check, schema, value, pointer),
    ...compareObject(check, schema, value, pointer),
    ...compareCombined(check, schema, value, pointer),
  ];
}

function compareAny({ type, enum: options, const: only }: JsonObject, value: JsonValue): string[] {
  const types = typeof type === "string" ? [type] : Array.isArray(type) ? type : undefined;
  const isOption = !Array.isArray(options) || options.some((option) => isSame(option, value));
  return [
    ...(types !== undefined && !types.some((name) => isOfType(name, value))
      ? [`expected ${types.map((name) => JSON.stringify(name)).join(" or ")}, got ${typeOf(value)}`]
      : []),
    ...(isOption ? [] : ["is none of the allowed values"]),
    ...(only === undefined || isSame(only, value) ? [] : [`expected ${cut(JSON.stringify(only))}`]),
  ];
}

function compareNumber(schema: JsonObject, value: JsonValue): string[] {
  if (typeof value !== "number") return [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  return [
    ...(typeof minimum === "number" && value < minimum ? [`expected at least ${minimum}, got ${value}`] : []),
    ...(typeof maximum === "number" && value > maximum ? [`expected at most ${maximum}, got ${value}`] : []),
    ...(typeof exclusiveMinimum === "number" && value <= exclusiveMinimum ? [`expected more than ${exclusiveMinimum}, got ${value}`] : []),
    ...(typeof exclusiveMaximum === "number" && value >= exclusiveMaximum ? [`expected less than ${exclusiveMaximum}, got ${value}`] : []),
    ...(typeof multipleOf === "number" && !isMultiple(value, multipleOf) ? [`expected a multiple of ${multipleOf}, got ${value}`] : []),
  ];
}

/** 0.3 is a multiple of 0.1, whatever floating point makes of it. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return Math.abs(times - Math.round(times)) <= Math.abs(times) * Number.EPSILON * 2;
}

function compareText({ minLength, maxLength, pattern }: JsonObject, value: JsonValue): string[] {
  if (typeof value !== "string") return [];
  const parsed = typeof pattern === "string" ? parsePattern(pattern) : undefined;
  const length = minLength === undefined && maxLength === undefined ? 0 : countCharacters(value);
  return [
    ...(typeof minLength === "number" && length < minLength ? [`expected at least ${minLength} characters, got ${length}`] : []),
    ...(typeof maxLength === "number" && length > maxLength ? [`expected at most ${maxLength} characters, got ${length}`] : []),
    ...(parsed?.ok === true && matchPattern(parsed.pattern, value) !== "found" ? [`does not match ${cut(JSON.stringify(pattern))}`] : []),
  ];
}

/** As JSON Schema counts them: a pair of surrogates is one. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function compareArray(check: Check, schema: JsonObject, value: JsonValue, pointer: string): Mismatch[] {
  if (!Array.isArray(value)) return [];
  const { minItems, maxItems, uniqueItems, prefixItems, items } = schema;
  const first = Array.isArray(prefixItems) ? prefixItems : [];
  const isRepeated = uniqueItems === true && new Set(value.map(canonicalJson)).size < value.length;
  return [
    ...(typeof minItems === "number" && value.length < minItems
      ? [{ pointer, message: `expected at least ${minItems} items, got ${value.length}` }]
      : []),
    ...(typeof maxItems === "number" && value.length > maxItems
      ? [{ pointer, message: `expected at most ${maxItems} items, got ${value.length}` }]
      : []),
    ...(isRepeated ? [{ pointer, message: "an item stands twice" }] : []),
    ...value.flatMap((item, index) => compare(check, first[index] ?? items ?? true, item, `${pointer}/${index}`)),
  ];
}

function compareObject(check: Check, schema: JsonObject, value: JsonValue, pointer: string): Mismatch[] {
  if (!isObject(value)) return [];
  const { required, properties, additionalProperties, minProperties, maxProperties } = schema;
  const names = Object.keys(value);
  const missing = Array.isArray(required) ? required.map(String).filter((name) => !Object.hasOwn(value, name)) : [];
  const known = properties !== undefined && isObject(properties) ? properties : {};
  return [
    ...missing.map((name) => ({ pointer, message: `"${cut(name)}" is missing` })),
    ...(typeof minProperties === "number" && names.length < minProperties
      ? [{ pointer, message: `expected at least ${minProperties} members, got ${names.length}` }]
      : []),
    ...(typeof maxProperties === "number" && names.length > maxProperties
      ? [{ pointer, message: `expected at most ${maxProperties} members, got ${names.length}` }]
      : []),
    ...Object.entries(value).flatMap(([name, member]) => {
      const schemaOfMember = Object.hasOwn(known, name) ? known[name] : additionalProperties;
      return compare(check, schemaOfMember ?? true, member, `${pointer}/${escapePart(name)}`);
    }),
  ];
}

function compareCombined(check: Check, schema: JsonObject, value: JsonValue, pointer: string): Mismatch[] {
  const { allOf, anyOf, oneOf, not } = schema;
  const passes = (option: JsonValue) => compare(check, option, value, pointer).length === 0;
  return [
    ...(Array.isArray(allOf) ? allOf.flatMap((part) => compare(check, part, value, pointer)) : []),
    ...(Array.isArray(anyOf) && !anyOf.some(passes) ? [{ pointer, message: "fits none of the alternatives" }] : []),
    ...(Array.isArray(oneOf) && oneOf.filter(passes).length !== 1
      ? [{ pointer, message: "does not fit exactly one of the alternatives" }]
      : []),
    ...(not !== undefined && passes(not) ? [{ pointer, message: "is what it must not be" }] : []),
  ];
}

function isOfType(name: JsonValue, value: JsonValue): boolean {
  return name === typeOf(value) || (name === "integer" && Number.isInteger(value));
}

function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

export function isSame(left: JsonValue, right: JsonValue): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function escapePart(name: string): string {
  return cut(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
