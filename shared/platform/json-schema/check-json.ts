import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { canonicalJson } from "../canonical-json.ts";
import type { JsonValue } from "../json.ts";
import { matchPattern, parsePattern } from "../pattern/match-pattern.ts";

export type Mismatch = { pointer: string; message: string };
export type SchemaFault = { path: (string | number)[]; message: string };

const MAX_DEPTH = 32;
const MAX_PLACES = 20;
/** Values in a schema times values in what it is compared with: well below a second. */
const MAX_COMPARISONS = 2_000_000;

/** With references a small schema can ask for endless work, and a pattern that backtracks can take years: neither is taken. */
const withoutReferences = ["$ref", "$dynamicRef", "$id", "$anchor", "$dynamicAnchor", "$defs", "definitions", "format"];

/**
 * What is wrong with a JSON Schema (2020-12), at most twenty places. An unknown keyword is a fault: passed over, it would be a check that
 * cannot fail.
 */
export function findSchemaFaults(schema: JsonValue): SchemaFault[] {
  if (!isSchema(schema)) return [{ path: [], message: "expected a JSON Schema: an object, true or false" }];
  if (measure(schema, MAX_DEPTH) === undefined) return [{ path: [], message: `a schema is at most ${MAX_DEPTH} levels deep` }];
  const grammar = new Ajv2020({ allErrors: true, logger: false });
  if (grammar.validateSchema(schema) !== true) return namePlaces(grammar.errors ?? []);
  try {
    createValidator().compile(schema);
    return [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [{ path: [], message: error.message }];
  }
}

/**
 * Where a value is not what a schema asks for, at most twenty places; empty when it is. The schema must be one in which `findSchemaFaults`
 * finds nothing. What is too large to be checked does not pass.
 */
export function checkJson(schema: JsonValue, value: JsonValue): Mismatch[] {
  const [asked, given] = [measure(schema, MAX_DEPTH), measure(value, Number.POSITIVE_INFINITY)];
  if (asked === undefined || given === undefined || asked * given > MAX_COMPARISONS) {
    return [{ pointer: "", message: "schema and value together are too large to be checked" }];
  }
  if (!isSchema(schema)) return [];
  const validate = createValidator().compile(schema);
  if (validate(value)) return [];
  return (validate.errors ?? [])
    .slice(0, MAX_PLACES)
    .map(({ instancePath, message }) => ({ pointer: instancePath, message: message ?? "does not fit" }));
}

/** A validator of its own for each schema: it keeps what it has compiled, and schemas come from outside without end. */
function createValidator(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    ownProperties: true,
    multipleOfPrecision: 9,
    strictTypes: false,
    strictTuples: false,
    logger: false,
    // The grammar of schemas is written with the very keywords that are not taken.
    meta: false,
    validateSchema: false,
    code: { regExp: Object.assign(compilePattern, { code: "compilePattern" }) },
  });
  for (const keyword of [...withoutReferences, ...Object.keys(comparisons)]) ajv.removeKeyword(keyword);
  for (const [keyword, { message, ...definition }] of Object.entries(comparisons)) {
    ajv.addKeyword({ keyword, ...definition, error: { message } });
  }
  return ajv;
}

/**
 * Keywords by which whole values are compared. The validator's own compare each item with each, and ask an object for its `toString`, which a
 * value from outside may have made its own: `{"toString": null}` would be an exception in whoever checks it.
 */
const comparisons = {
  enum: {
    schemaType: "array",
    compile(allowed: JsonValue[]) {
      if (allowed.length === 0) throw new Error("enum must have non-empty array");
      return (value: JsonValue) => allowed.some((one) => isSame(one, value));
    },
    message: "must be equal to one of the allowed values",
  },
  const: { validate: isSame, message: "must be equal to constant" },
  uniqueItems: {
    type: "array",
    schemaType: "boolean",
    validate: (isAsked: boolean, items: JsonValue[]) => !isAsked || new Set(items.map(canonicalJson)).size === items.length,
    message: "must NOT hold an item twice",
  },
} as const;

function isSame(one: JsonValue, other: JsonValue): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function compilePattern(source: string): { test: (text: string) => boolean } {
  const parsed = parsePattern(source);
  if (!parsed.ok) throw new Error(`the pattern ${JSON.stringify(source)}: ${parsed.fault}`);
  return { test: (text) => matchPattern(parsed.pattern, text) === "found" };
}

/** Each place once: where a value may have several forms, the first that it has not says enough. */
function namePlaces(errors: readonly ErrorObject[]): SchemaFault[] {
  return errors
    .filter(({ instancePath }, index) => errors.findIndex((error) => error.instancePath === instancePath) === index)
    .slice(0, MAX_PLACES)
    .map(toFault);
}

function toFault({ instancePath, message }: ErrorObject): SchemaFault {
  const parts = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return { path: parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part)), message: message ?? "is no schema" };
}

/** Values in a document, itself included; undefined when it nests deeper than it may. */
function measure(value: JsonValue, depth: number): number | undefined {
  const open = [{ value, level: 0 }];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.level > depth) return undefined;
    count += 1;
    if (typeof next.value !== "object" || next.value === null) continue;
    for (const inner of Object.values(next.value)) if (inner !== undefined) open.push({ value: inner, level: next.level + 1 });
  }
  return count;
}

function isSchema(schema: JsonValue): schema is boolean | { [name: string]: JsonValue } {
  return typeof schema === "boolean" || (typeof schema === "object" && schema !== null && !Array.isArray(schema));
}
