import { expect, test } from "vitest";
import { findForbiddenText } from "./forbidden-text.ts";
import { listRepositoryFiles, readRepositoryFile } from "./source-file.ts";

test("no file holds a promise, a machine's path, a registry's address or an unfinished merge", () => {
  const findings = listRepositoryFiles().flatMap((file) => findForbiddenText(file, readRepositoryFile(file)));

  expect(findings).toEqual([]);
});

test.each([
  ["a promise", `// ${"TO"}DO: later`],
  ["another promise", `/* ${"FIX"}ME */`],
  ["a machine's path", `const folder = "${"/ho"}me/someone/project";`],
  ["another machine's path", `cd ${"/wo"}rk/main`],
  ["a registry's address", `registry=https://registry.${"npm"}js.org/`],
  ["a package mirror", `deb http://deb.${"deb"}ian.org/debian trixie main`],
  ["a lockfile with addresses", `"reso${"lved"}": "https://example.com/zod.tgz"`],
  ["an unfinished merge", `first\n${"<<<<"}<<< HEAD\nsecond`],
])("catches %s", (_what, text) => {
  expect(findForbiddenText("planted.ts", text)).toHaveLength(1);
});

test("leaves relative folders, routes and words that only look alike alone", () => {
  const text = `tests/work/a.ts https://example.com/home/ "homework" TODOS ./root/x`;

  expect(findForbiddenText("harmless.ts", text)).toEqual([]);
});
