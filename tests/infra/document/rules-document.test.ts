import { describe, expect, test } from "vitest";
import { readRepositoryFile } from "../../architecture/source-file.ts";
import { design } from "./design.ts";
import { formatRuleDocument, ruleNames } from "./format-rules.ts";

describe("docs/infrastructure-rules.md", () => {
  test("is what the rules and their mistakes say; npm run rules writes it", () => {
    expect(readRepositoryFile("docs/infrastructure-rules.md")).toBe(formatRuleDocument());
  });

  test("knows for every sentence what holds it", () => {
    expect(design.filter(({ rules = [], tests = [] }) => rules.length + tests.length === 0)).toEqual([]);
  });

  test("has a sentence for every rule", () => {
    expect(ruleNames.filter((name) => !design.some(({ rules = [] }) => rules.includes(name)))).toEqual([]);
  });
});
