import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { applyMutant } from "../mutants/mutant.ts";
import { bugs } from "./bugs.ts";

test.each(bugs.map((bug) => [bug.name, bug] as const))("the bug fits one place: %s", (_, bug) => {
  const text = readFileSync(bug.file, "utf8");

  expect(applyMutant(text, bug)).not.toBe(text);
});

test("locks are taken without order in the migration that decides how they are taken", () => {
  const migrations = readdirSync("migrations").filter((file) => file.endsWith(".up.sql"));
  const last = migrations.toSorted().findLast((file) => /FUNCTION lock_batch\(/.test(readFileSync(path.join("migrations", file), "utf8")));

  expect(bugs.flatMap(({ file }) => (file.startsWith("migrations/") ? [path.basename(file)] : []))).toEqual([last]);
});
