import { expect, it } from "vitest";
import { parseTarget } from "./parse-target.ts";

it("decodes segments and query, keeps every value of a name and forgives a slash at the end", () => {
  const target = parseTarget("/v1/runs/a%20b/files/gr%C3%BCn%2Bneu+.txt/?a=1&a=2&b=x+y%26z&c&d=1=2&=e");

  expect(target.path).toBe("/v1/runs/a%20b/files/gr%C3%BCn%2Bneu+.txt/");
  expect(target.segments).toEqual(["v1", "runs", "a b", "files", "grün+neu+.txt"]);
  expect(Object.fromEntries(target.query)).toEqual({ a: ["1", "2"], b: ["x y&z"], c: [""], d: ["1=2"], "": ["e"] });
});

it.each(["/a/%zz", "/a/%E0%A4%A", "/a?b=%", "*", "http://elsewhere/a", "/a/../b", "/a/%2e%2e/b", "/a/./b", "/a/b%2f..%2fc", "/a/%00"])(
  "refuses %s",
  (url) => {
    expect(() => parseTarget(url)).toThrow(expect.objectContaining({ code: "invalid-request" }));
  },
);

it("keeps a question mark inside the query", () => {
  expect(Object.fromEntries(parseTarget("/a?q=what?").query)).toEqual({ q: ["what?"] });
});
