import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findQuoted, maskQuoted, replaceUnquoted } from "./quotes.ts";

const quoted = (text: string): string[] => findQuoted(text).map((span) => span.text);

describe("quoted parts of a text", () => {
  it("are found in every kind of quotes", () => {
    expect(quoted(`a "b c" 'd' \`e\` “f” ‘g’`)).toEqual(["b c", "d", "e", "f", "g"]);
  });

  it("are not opened or closed by an apostrophe inside a word", () => {
    expect(quoted("the species' mean, don't, O'Brien's")).toEqual([]);
    expect(quoted("where name is 'O'Brien' and x")).toEqual(["O'Brien"]);
  });

  it("need both ends", () => {
    expect(quoted('write "hello to x.txt')).toEqual([]);
  });

  it("may be empty", () => {
    expect(quoted('a "" b')).toEqual([""]);
  });

  it("are masked without moving anything, and only they", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const masked = maskQuoted(text);
        expect(masked).toHaveLength(text.length);
        const spans = findQuoted(text);
        const isInside = (at: number): boolean => spans.some((span) => at > span.start && at < span.end - 1);
        const outside = (given: string): string => [...given.split("").keys()].map((at) => (isInside(at) ? "" : given.charAt(at))).join("");
        expect(outside(masked)).toBe(outside(text));
      }),
    );
  });

  it("are left alone by replacements", () => {
    expect(replaceUnquoted("step 1 and 'step 1'", /step \d/gu, () => "X")).toBe("X and 'step 1'");
  });
});
