import { expect, test } from "vitest";
import * as z from "zod";
import { JsonObject } from "../../platform/json.ts";
import { toStrictSchema } from "./strict-schema.ts";

const strictOf = (schema: z.ZodType) => toStrictSchema(JsonObject.parse(z.toJSONSchema(schema)));

test("keeps a closed object, drops the dialect, lengths of strings and the range of safe integers, keeps other limits", () => {
  expect(
    strictOf(
      z.strictObject({ name: z.string().min(1).max(9), count: z.int(), share: z.number().min(0).max(1), tags: z.array(z.string()).max(3) }),
    ),
  ).toEqual({
    type: "object",
    properties: {
      name: { type: "string" },
      count: { type: "integer" },
      share: { type: "number", minimum: 0, maximum: 1 },
      tags: { type: "array", items: { type: "string" }, maxItems: 3 },
    },
    required: ["name", "count", "share", "tags"],
    additionalProperties: false,
  });
});

test("a property named like a keyword is a property", () => {
  const strict = strictOf(z.strictObject({ default: z.string(), minLength: z.number() }));
  expect(strict).toMatchObject({
    required: ["default", "minLength"],
    properties: { default: { type: "string" }, minLength: { type: "number" } },
  });
});

test("a choice loses the forms that do not fit and keeps the others, through references too", () => {
  expect(strictOf(z.strictObject({ value: z.union([z.string(), z.record(z.string(), z.string())]) }))).toMatchObject({
    properties: { value: { anyOf: [{ type: "string" }] } },
  });
  const json = JSON.stringify(strictOf(z.strictObject({ value: z.json() })));
  expect(json).toContain('"type":"array"');
  expect(json).not.toContain("propertyNames");
});

test.for<[string, z.ZodType]>([
  ["an optional property", z.strictObject({ a: z.string().optional() })],
  ["an open object", z.looseObject({ a: z.string() })],
  ["an open object further in", z.strictObject({ list: z.array(z.looseObject({})) })],
  ["free keys", z.strictObject({ a: z.record(z.string(), z.string()) })],
  ["a choice of nothing that fits", z.strictObject({ a: z.union([z.record(z.string(), z.string()), z.looseObject({})]) })],
  ["a root that is no object", z.string()],
])("has no strict form for %s", ([, schema]) => {
  expect(strictOf(schema)).toBeUndefined();
});
