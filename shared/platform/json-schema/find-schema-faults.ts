import * as z from "zod";
import { JsonValue } from "../json.ts";
import { parsePattern } from "../pattern/parse-pattern.ts";

export type SchemaFault = { path: (string | number)[]; message: string };

const MAX_DEPTH = 32;
const MAX_FAULTS = 20;

const Count = z.int().min(0).max(1_000_000);
const TypeName = z.enum(["null", "boolean", "object", "array", "number", "integer", "string"]);

/** Keywords whose value holds no other schema, and what it must be. */
const plain: Readonly<Record<string, z.ZodType>> = {
  $schema: z.string(),
  title: z.string(),
  description: z.string(),
  default: JsonValue,
  examples: z.array(JsonValue),
  type: z.union([TypeName, z.array(TypeName).min(1)], { error: `expected one of ${TypeName.options.join(", ")}, or a list of them` }),
  enum: z.array(JsonValue).min(1).max(1_000),
  const: JsonValue,
  minimum: z.number(),
  maximum: z.number(),
  exclusiveMinimum: z.number(),
  exclusiveMaximum: z.number(),
  multipleOf: z.number().positive(),
  minLength: Count,
  maxLength: Count,
  pattern: z.string(),
  minItems: Count,
  maxItems: Count,
  uniqueItems: z.boolean(),
  required: z.array(z.string()).max(1_000),
  minProperties: Count,
  maxProperties: Count,
};

/** Keywords whose value is a schema, a list of schemas, or one schema for each name. */
const nested: Readonly<Record<string, "one" | "list" | "map">> = {
  items: "one",
  additionalProperties: "one",
  not: "one",
  prefixItems: "list",
  allOf: "list",
  anyOf: "list",
  oneOf: "list",
  properties: "map",
};

/**
 * What is wrong with a JSON Schema (2020-12), at most twenty places. Taken are the keywords that a value can be checked by in a time that
 * grows with schema and value alone. An unknown keyword is a fault: passed over, it would be a check that cannot fail.
 */
export function findSchemaFaults(schema: JsonValue): SchemaFault[] {
  const faults: SchemaFault[] = [];
  visit(schema, [], faults);
  return faults.slice(0, MAX_FAULTS);
}

function visit(schema: JsonValue, path: (string | number)[], faults: SchemaFault[]): void {
  if (typeof schema === "boolean" || faults.length >= MAX_FAULTS) return;
  if (path.length > MAX_DEPTH * 2) {
    faults.push({ path, message: `a schema is at most ${MAX_DEPTH} levels deep` });
    return;
  }
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    faults.push({ path, message: "expected a JSON Schema: an object, true or false" });
    return;
  }
  for (const [keyword, value] of Object.entries(schema)) visitKeyword(keyword, value, [...path, keyword], faults);
}

function visitKeyword(keyword: string, value: JsonValue, path: (string | number)[], faults: SchemaFault[]): void {
  const shape = Object.hasOwn(nested, keyword) ? nested[keyword] : undefined;
  if (shape !== undefined) return visitNested(shape, value, path, faults);
  const allowed = Object.hasOwn(plain, keyword) ? plain[keyword] : undefined;
  const problem = allowed === undefined ? "this keyword is not supported" : allowed.safeParse(value).error?.issues[0]?.message;
  if (problem !== undefined) faults.push({ path, message: problem });
  else if (keyword === "pattern" && typeof value === "string") {
    const parsed = parsePattern(value);
    if (!parsed.ok) faults.push({ path, message: parsed.fault });
  }
}

function visitNested(shape: "one" | "list" | "map", value: JsonValue, path: (string | number)[], faults: SchemaFault[]): void {
  if (shape === "one") return visit(value, path, faults);
  if (shape === "list" && Array.isArray(value) && value.length > 0) {
    for (const [index, schema] of value.entries()) visit(schema, [...path, index], faults);
  } else if (shape === "map" && typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, schema] of Object.entries(value)) visit(schema, [...path, name], faults);
  } else {
    faults.push({ path, message: shape === "list" ? "expected a list of schemas" : "expected an object with a schema for each name" });
  }
}
