import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonValue } from "./json.ts";
import { parseStorable, toStorable, toStorableText } from "./storable-json.ts";

const cut = "💥".slice(0, 1);

describe("what Postgres cannot hold", () => {
  it("becomes a replacement character, in texts and in keys, however deep", () => {
    const value = { [`a\0${cut}`]: [`b\0`, { c: [`${cut}d`] }], "💥": 1 };
    const storable = { "a\uFFFD\uFFFD": ["b\uFFFD", { c: ["\uFFFDd"] }], "💥": 1 };

    expect(toStorable(value, JsonValue)).toEqual(storable);
    expect(parseStorable(JSON.stringify(value))).toEqual(storable);
    expect(JSON.parse(toStorableText(JSON.stringify(value)))).toEqual(storable);
  });

  it("is gone from any JSON, and everything else is as it was", () => {
    const parts = fc.array(fc.constantFrom("\0", cut, "\\u0000", "\\", '"', "x", "💥"), { maxLength: 4 });
    const text = parts.map((units) => units.join(""));
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.array(tie("tree")), fc.dictionary(text, tie("tree"))),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const given = JSON.stringify(value);
        const stored = parseStorable(given);
        expect(textsOf(stored).filter((part) => part.includes("\0") || !part.isWellFormed())).toEqual([]);
        const isUnchanged = JSON.stringify(stored) === given;
        expect(isUnchanged || !textsOf(value).every((part) => !part.includes("\0") && part.isWellFormed())).toBe(true);
        expect(JSON.parse(toStorableText(given))).toEqual(stored);
      }),
    );
  });

  it("is told from a text that only spells it", () => {
    const value = { "\\u0000": "C:\\u0000\\ud800" };

    expect(toStorable(value, JsonValue)).toEqual(value);
    expect(parseStorable(JSON.stringify(value))).toEqual(value);
  });
});

/** Every text and every key in a value. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [key, ...textsOf(part)]);
}
