import { expect, test } from "vitest";
import { nameFiles } from "./name-files.ts";

test.for<[string, string[]]>([
  ["Using step 1, write both results to sums.md", ["sums.md"]],
  ["Read data/2026.csv and `reports/final.v2.md`.", ["data/2026.csv", "reports/final.v2.md"]],
  ["Compute 3.14 * 2.5, e.g. in steps", []],
  ["See https://example.org/a.html and write b.txt", ["b.txt"]],
  ["../secret.txt and /etc/hosts.conf are no files of a workspace", []],
  ["a.txt, b.txt; (c.txt)", ["a.txt", "b.txt", "c.txt"]],
])("the files that %j names", ([text, files]) => {
  expect(nameFiles(text)).toEqual(files);
});
