import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashFolder } from "./hash-folder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hash-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function hashOf(files: Readonly<Record<string, string>>): string {
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "hash-folder-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return hashFolder(folder);
}

test("the hash of a folder follows names and contents, not the order in which files were written", () => {
  const hash = hashOf({ "1.sql": "a", "2.sql": "b" });

  expect(hashOf({ "2.sql": "b", "1.sql": "a" })).toBe(hash);
  for (const other of [{ "1.sql": "a", "2.sql": "c" }, { "1.sql": "a", "3.sql": "b" }, { "1.sql": "a" }, { "1.sql": "ab", "2.sql": "" }]) {
    expect(hashOf({ ...other })).not.toBe(hash);
  }
});
