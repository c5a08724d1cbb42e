import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { applyMutant } from "../mutants/mutant.ts";
import { bugs } from "./bugs.ts";

test.each(bugs.map((bug) => [bug.name, bug] as const))("the bug fits one place: %s", (_, bug) => {
  const text = readFileSync(bug.file, "utf8");

  expect(applyMutant(text, bug)).not.toBe(text);
});
