import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchPattern, parsePattern } from "./match-pattern.ts";

function find(source: string, text: string): boolean | string {
  const parsed = parsePattern(source);
  if (!parsed.ok) return parsed.fault;
  const found = matchPattern(parsed.pattern, text);
  return found === "too-long" ? found : found === "found";
}

const atoms = fc.constantFrom(
  "a",
  "b",
  "ß",
  "😀",
  ".",
  "[ab]",
  "[^a]",
  String.raw`[\]a-c-]`,
  String.raw`\d`,
  String.raw`\W`,
  String.raw`\p{L}`,
  String.raw`\.`,
  "^",
  "$",
  String.raw`\b`,
);
const repeats = fc.constantFrom("", "", "*", "+", "?", "*?", "+?", "{2}", "{1,}", "{0,2}", "{2,3}?");
const isGuard = (source: string) => ["^", "$", String.raw`\b`].includes(source);
const { pattern } = fc.letrec<{ pattern: string; sequence: string; term: string }>((tie) => ({
  pattern: fc.array(tie("sequence"), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("|")),
  sequence: fc.array(tie("term"), { maxLength: 4 }).map((parts) => parts.join("")),
  term: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.tuple(atoms, repeats).map(([atom, repeat]) => (isGuard(atom) ? atom : atom + repeat)),
    fc.tuple(fc.constantFrom("(", "(?:", "(?<n>"), tie("pattern"), repeats).map(([open, inner, repeat]) => `${open}${inner})${repeat}`),
  ),
}));
const texts = fc.string({ unit: fc.constantFrom("a", "b", "ß", "😀", "1", " ", "\n", ".", "]"), maxLength: 8 });

describe("a pattern", () => {
  test("is found where the engine finds it, and nowhere else", () => {
    fc.assert(
      fc.property(pattern, texts, (source, text) => {
        // A name may stand once only; such patterns are no patterns.
        fc.pre(source.split("(?<n>").length <= 2 && parsePattern(source).ok);
        expect(find(source, text)).toBe(new RegExp(source, "u").test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(["(a+)+$", "^(a|a)*$", "(a|aa)+$", "^([a-zA-Z]+)*$", "(.*a){20}$", "^(a?){25}a{25}$"])(
    "that would take a backtracking engine years takes no longer than any other: %s",
    (source) => {
      expect(find(source, `${"a".repeat(400)}!`)).toBe(false);
    },
  );

  test("is compiled in no time, however deep it nests", () => {
    expect(find(`${"(".repeat(200)}a${"*)".repeat(200)}b`, "aab")).toBe(true);
    expect(find(`${"(".repeat(150)}a${"{1})".repeat(150)}b`, "ab")).toBe(true);
  });

  test.each([
    ["a[", "missing closing ]: `[`"],
    ["a{2,1}", "invalid repeat count: `{2,1}`"],
    ["(?=a)b", "invalid or unsupported Perl syntax: `(?=`"],
    ["(?<!a)b", "invalid named capture: `(?<!a)b`"],
    [String.raw`(a)\1`, "invalid escape sequence: `\\1`"],
    [String.raw`(?<x>a)\k<x>`, "invalid escape sequence: `\\k`"],
    ["(a{1000}){1000}", "invalid repeat count: `{1000}`"],
    ["a{99999999999}", "invalid repeat count: `{99999999999}`"],
    ["((a{30}){30}){30}", "invalid repeat count: `{30}`"],
    ["abc".repeat(400), "a pattern has at most 1000 characters"],
  ])("that cannot be used is named: %s", (source, fault) => {
    expect(find(source, "a")).toBe(fault);
  });

  test("is not matched against more text than it may cost", () => {
    expect(find("a{500}$", "b".repeat(100_000))).toBe("too-long");
  });
});
