import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { hashJson } from "./hash.ts";
import { type JsonValue, parseJson } from "./json.ts";

const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;

/** The same value with the members of every object in another order. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe("canonicalJson", () => {
  test("is JSON of the same value", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseJson(canonicalJson(value))).toEqual(parseJson(JSON.stringify(value)));
      }),
    );
  });

  test("is the same whatever the order in which members were written", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test("keeps the order of a list, which means something", () => {
    expect(canonicalJson([2, 1])).toBe("[2,1]");
  });
});

describe("hashJson", () => {
  test("is the SHA-256 of the canonical text", () => {
    expect(hashJson({ b: [1, "ü"], a: null })).toBe("6bafd57c7869b3aca54e576a5157b40cc195c8486124cab93d52f1b59556838e");
  });

  test("tells different values apart", () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        expect(hashJson(left) === hashJson(right)).toBe(canonicalJson(left) === canonicalJson(right));
      }),
    );
  });
});
