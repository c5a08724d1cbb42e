import { describe, expect, test } from "vitest";
import { parsePrompt } from "./parse-prompt.ts";

const file = (parts: { variables?: string; body?: string; extra?: string } = {}): string => `---
name: greeter
version: 3
description: Greets.
output_schema: ./v3.schema.json
variables: ${parts.variables ?? "{ goal: The goal. }"}
params: { max_output_tokens: 100, temperature: null }
changelog: First version.${parts.extra ?? ""}
---
${parts.body ?? "\n## system\n\nYou greet.\n\n### How\n\nKindly.\n\n## user\n\nThe goal:\n\n{{goal}}\n"}`;

test("reads front matter and the two sections", () => {
  expect(parsePrompt(file(), { type: "object" })).toEqual({
    name: "greeter",
    version: 3,
    description: "Greets.",
    variables: { goal: "The goal." },
    params: { max_output_tokens: 100, temperature: null },
    changelog: "First version.",
    output_schema: { type: "object" },
    system: "You greet.\n\n### How\n\nKindly.",
    user: "The goal:\n\n{{goal}}",
  });
});

test("reads files with Windows line ends the same way", () => {
  expect(parsePrompt(file().replaceAll("\n", "\r\n"), {})).toEqual(parsePrompt(file(), {}));
});

describe("refuses", () => {
  const cases: Record<string, [string, RegExp]> = {
    "a file without front matter": ["## system\n\nx\n\n## user\n\ny", /front matter/],
    "front matter that is not YAML": [file({ variables: "{ goal: [ }" }), /not YAML/],
    "an unknown field": [file({ extra: "\nmodel: gpt" }), /model/],
    "a missing user section": [file({ body: "## system\n\nx\n" }), /sections/],
    "sections in the wrong order": [file({ body: "## user\n\n{{goal}}\n\n## system\n\nx\n" }), /sections/],
    "a third section": [file({ body: "## system\n\nx\n\n## user\n\n{{goal}}\n\n## more\n" }), /sections/],
    "a heading that looks like a title": [file({ body: "# t\n\n## system\n\nx\n\n## user\n\n{{goal}}\n" }), /sections/],
    "an empty section": [file({ body: "## system\n\n## user\n\n{{goal}}\n" }), /empty/],
    "a variable in the system section": [file({ body: "## system\n\n{{goal}}\n\n## user\n\n{{goal}}\n" }), /system section/],
    "a variable inside a sentence": [file({ body: "## system\n\nx\n\n## user\n\nDo {{goal}} now\n" }), /alone on its line/],
    "a variable that is not declared": [file({ body: "## system\n\nx\n\n## user\n\n{{goal}}\n{{rest}}\n" }), /undeclared variables: rest/],
    "a declared variable that is not used": [file({ variables: "{ goal: g, rest: r }" }), /does not use: rest/],
  };
  test.for(Object.entries(cases))("%s", ([, [text, reason]]) => {
    expect(() => parsePrompt(text, {})).toThrow(reason);
  });
});
