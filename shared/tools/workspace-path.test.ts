import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WorkspacePath } from "./contracts/workspace-path.ts";

const accepts = (path: string) => WorkspacePath.safeParse(path).success;
/** Where a path leads to when a file system or a URL reads it. */
const resolve = (path: string) => decodeURIComponent(new URL(path, "s3://bucket/workspaces/w/r/").pathname);

describe("a path in a workspace", () => {
  it.each(["report.md", "data/2026/penguins.csv", "a b.txt", ".hidden", "a..b", "x@y(1)+z,=-_.txt", "a".repeat(255)])(
    "may be %s",
    (path) => {
      expect(accepts(path)).toBe(true);
    },
  );

  const tricks = [
    ["the folder above", "../secret"],
    ["a folder above, further in", "a/../../secret"],
    ["the folder above at the end", "a/.."],
    ["the folder itself", "./a"],
    ["a dot segment", "a/./b"],
    ["an absolute path", "/etc/passwd"],
    ["an address", "s3://bucket/key"],
    ["a drive", "C:\\secret"],
    ["a backslash", "..\\secret"],
    ["an escaped dot segment", "%2e%2e/secret"],
    ["a doubly escaped slash", "a%252fb"],
    ["a NUL", "a\0.txt"],
    ["a line break", "a\nb"],
    ["a tab", "a\tb"],
    ["an empty segment", "a//b"],
    ["a slash at the end", "a/"],
    ["nothing", ""],
    ["a space only", " "],
    ["a segment that ends with a space", "a /b"],
    ["a segment of dots and spaces", ".. /a"],
    ["a full-width dot segment", "\uFF0E\uFF0E/secret"],
    ["a two-dot leader", "\u2025/secret"],
    ["a division slash", "..\u2215secret"],
    ["a fraction slash", "..\u2044secret"],
    ["a full-width slash", "..\uFF0Fsecret"],
    ["a letter that looks like another", "\u0430.txt"],
    ["a zero-width joiner", "a\u200D.txt"],
    ["a change of direction", "a\u202Etxt.exe"],
    ["a lone surrogate", "a\uD800"],
    ["a home folder", "~/secret"],
    ["a wildcard", "*"],
    ["a query", "a?versionId=1"],
    ["a fragment", "a#b"],
    ["the prototype", "__proto__"],
    ["the prototype as a folder", "a/__proto__/b"],
    ["more than 255 characters", "a".repeat(256)],
  ] as const;
  it.each(tricks)("may not be %s", (_what, path) => {
    expect(accepts(path)).toBe(false);
  });

  it("never leads out of its workspace, nor to another file than the one it names", () => {
    const parts = fc.constantFrom("a", "b.csv", ".", "..", "", " ", "%2e", "%2f", "\\", "\0", "/", "//", "~", "\uFF0E", "__proto__", ":");
    const anything = fc.oneof(
      fc.array(parts, { maxLength: 8 }).map((list) => list.join("/")),
      fc.array(parts).map((list) => list.join("")),
      fc.string({ unit: "binary" }),
    );
    const leadsToItself = (path: string) => !accepts(path) || resolve(path) === `/workspaces/w/r/${path}`;
    fc.assert(fc.property(anything, leadsToItself), { numRuns: 2_000 });
  });

  it("is taken whenever it is made of plain segments", () => {
    const segment = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/).filter((text) => text !== "__proto__");
    const plain = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join("/"));
    fc.assert(fc.property(plain, accepts));
  });
});
