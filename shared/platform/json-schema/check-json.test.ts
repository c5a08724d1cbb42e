import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../json.ts";
import { checkJson, findSchemaFaults } from "./check-json.ts";

/** A schema, values that fit it, and values that do not. */
const cases: [name: string, schema: JsonValue, fitting: JsonValue[], misfits: JsonValue[]][] = [
  ["true", true, [null, 1, {}], []],
  ["false", false, [], [null, 1, {}]],
  ["type", { type: "integer" }, [1, 1.0, -3], [1.5, "1", null, [1]]],
  ["types", { type: ["string", "null"] }, ["a", null], [1, {}, []]],
  ["number", { type: "number" }, [1, 1.5], ["1", true]],
  ["object is no array", { type: "object" }, [{}], [[], null]],
  ["enum", { enum: [1, "a", { b: [1] }] }, [1, "a", { b: [1] }], [2, "A", { b: [2] }, {}]],
  ["const null", { const: null }, [null], [0, false, ""]],
  ["const, whatever the order of keys", { const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }]],
  [
    "enum, whatever the names of members",
    { enum: [{ toString: null }, { valueOf: 1 }] },
    [{ toString: null }, { valueOf: 1 }],
    [{ toString: 1 }, {}],
  ],
  ["const, whatever the names of members", { const: { toString: null } }, [{ toString: null }], [{}, { toString: "" }, null]],
  ["bounds", { minimum: 1, maximum: 3 }, [1, 3, "99"], [0.9, 3.1]],
  ["exclusive bounds", { exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [1, 3]],
  ["multipleOf", { multipleOf: 0.1 }, [0.3, 1, 0], [0.35]],
  ["length in characters, not in units", { minLength: 2, maxLength: 3 }, ["😀😀", "abc", 1], ["😀", "abcd"]],
  ["pattern", { pattern: "^a+$" }, ["aa", 7], ["ab", ""]],
  ["items", { items: { type: "string" }, minItems: 1, maxItems: 2 }, [["a"], ["a", "b"], "x"], [[], ["a", 1], ["a", "b", "c"]]],
  ["prefixItems", { prefixItems: [{ type: "string" }], items: { type: "number" } }, [["a", 1, 2], []], [[1], ["a", "b"]]],
  ["no more items", { prefixItems: [true], items: false }, [[1]], [[1, 2]]],
  [
    "uniqueItems",
    { uniqueItems: true },
    [[1, "1", { a: 1 }]],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  ["required", { required: ["a", "__proto__"] }, [JSON.parse('{"a": null, "__proto__": 1}')], [{}, { a: 1 }]],
  ["no other members", { properties: { a: true }, additionalProperties: false }, [{}, { a: 1 }], [{ b: 1 }, { constructor: 1 }]],
  ["properties", { properties: { a: { type: "string" } } }, [{ a: "x" }, { b: 1 }], [{ a: 1 }]],
  ["members counted", { minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 1, c: 1 }]],
  ["allOf", { allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [0, 3]],
  ["anyOf", { anyOf: [{ type: "string" }, { minimum: 2 }] }, ["a", 2], [1]],
  ["oneOf", { oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [2]],
  ["not", { not: { type: "string" } }, [1], ["a"]],
];

describe("a JSON schema", () => {
  test.each(cases)("asks for what it says: %s", (_, schema, fitting, misfits) => {
    expect(findSchemaFaults(schema)).toEqual([]);
    for (const value of fitting) expect([value, checkJson(schema, value)]).toEqual([value, []]);
    expect(misfits.filter((value) => checkJson(schema, value).length === 0)).toEqual([]);
  });

  test("is told with the place of each mismatch", () => {
    const schema = { properties: { "a/b": { items: { type: "string", maxLength: 1 } } }, required: ["c"] };

    expect(checkJson(schema, { "a/b": ["x", 1, "yy"] })).toEqual([
      { pointer: "", message: "must have required property 'c'" },
      { pointer: "/a~1b/1", message: "must be string" },
      { pointer: "/a~1b/2", message: "must NOT have more than 1 characters" },
    ]);
  });

  test.each<[JsonValue, (string | number)[], string]>([
    [[], [], "expected a JSON Schema: an object, true or false"],
    [{ type: "strin" }, ["type"], "must be equal to one of the allowed values"],
    [{ properties: { a: { patern: "x" } } }, [], 'strict mode: unknown keyword: "patern"'],
    [{ enum: [] }, [], "enum must have non-empty array"],
    [{ $ref: "#" }, [], 'strict mode: unknown keyword: "$ref"'],
    [{ properties: { a: { $dynamicRef: "#a" } } }, [], 'strict mode: unknown keyword: "$dynamicRef"'],
    [{ format: "email" }, [], 'strict mode: unknown keyword: "format"'],
    [{ items: { pattern: "(a" } }, [], 'the pattern "(a": '],
    [{ anyOf: [true, 1] }, ["anyOf", 1], "must be object,boolean"],
    [{ allOf: [] }, ["allOf"], "must NOT have fewer than 1 items"],
    [{ properties: [] }, ["properties"], "must be object"],
    [{ minLength: -1 }, ["minLength"], "must be >= 0"],
  ])("that could not be checked is named: %j", (schema, path, message) => {
    expect(findSchemaFaults(schema)[0]).toEqual({ path, message: expect.stringContaining(message) });
  });

  test("is refused when it is too deep", () => {
    let schema: JsonValue = true;
    for (let level = 0; level < 5_000; level += 1) schema = { not: schema };

    expect(findSchemaFaults(schema)).toEqual([{ path: [], message: "a schema is at most 32 levels deep" }]);
  });

  test("lets nothing pass that is too large to be checked", () => {
    const schema = { items: { anyOf: Array.from({ length: 100 }, (_, index) => ({ const: index })) } };

    expect(
      checkJson(
        schema,
        Array.from({ length: 10_000 }, () => -1),
      ),
    ).toEqual([{ pointer: "", message: "schema and value together are too large to be checked" }]);
  });

  test("is compared with any value without a fault, and the same way each time", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...cases), (value, [, schema]) => {
        const json: JsonValue = JSON.parse(JSON.stringify(value));
        expect(checkJson(schema, json)).toEqual(checkJson(schema, json));
        // What a schema does not ask for, its negation does.
        expect(checkJson({ not: schema }, json).length === 0).toBe(checkJson(schema, json).length > 0);
      }),
    );
  });
});
