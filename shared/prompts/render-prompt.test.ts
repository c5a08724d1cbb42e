import * as fc from "fast-check";
import { expect, test } from "vitest";
import { JsonValue } from "../platform/json.ts";
import { getPrompt } from "./get-prompt.ts";
import type { Prompt } from "./prompt.ts";
import { offersToolCalls, renderPrompt } from "./render-prompt.ts";

const prompt: Prompt = {
  name: "greeter",
  version: 1,
  description: "Greets.",
  variables: { goal: "g", files: "f", inputs: "i" },
  params: { max_output_tokens: 10, temperature: null },
  changelog: "First version.",
  output_schema: {},
  system: "You greet.",
  user: "The goal:\n\n{{goal}}\n\nFiles:\n\n{{files}}\n\nResults:\n\n{{inputs}}\n\nGreet.",
};
const nothing = { inputs: [], tools: [] };

test("fences each variable under its name: texts as they are, lists as one JSON value a line", () => {
  const { system, user } = renderPrompt(prompt, {
    variables: {
      goal: "Say hi.\nTwice.",
      files: [
        { path: "a.csv", bytes: 3 },
        { path: "b.csv", bytes: 4 },
      ],
    },
    inputs: [],
    tools: [],
  });
  expect(system).toBe("You greet.");
  expect(user).toBe(
    [
      "The goal:\n\n```goal\nSay hi.\nTwice.\n```\n\n",
      'Files:\n\n```files\n{"path":"a.csv","bytes":3}\n{"path":"b.csv","bytes":4}\n```\n\n',
      "Results:\n\n```inputs\n(none)\n```\n\nGreet.",
    ].join(""),
  );
});

test("refuses a missing, an unknown and a reserved variable by name", () => {
  expect(() => renderPrompt(prompt, { ...nothing, variables: { goal: "x" } })).toThrow(/needs the variable files/);
  expect(() => renderPrompt(prompt, { ...nothing, variables: { goal: "x", files: [], mood: "y" } })).toThrow(/no variable mood/);
  expect(() => renderPrompt(prompt, { ...nothing, variables: { goal: "x", files: [], inputs: [] } })).toThrow(/from the call/);
});

test("refuses results of earlier tasks for a prompt that would not show them", () => {
  const planner = getPrompt("planner", 1);
  const variables = { goal: "x", files: [], memories: [] };
  expect(() => renderPrompt(planner, { variables, inputs: [{ ordinal: 1 }], tools: [] })).toThrow(/does not show results/);
});

test("the planner is told of the tools in words and offered no calls; the executor is offered calls", () => {
  const planner = getPrompt("planner", 1);
  const tools = [{ name: "read_file", description: "Reads a file." }];
  const { user } = renderPrompt(planner, { variables: { goal: "x", files: [], memories: [] }, inputs: [], tools });
  expect(user).toContain('{"name":"read_file","description":"Reads a file."}');
  expect(offersToolCalls(planner)).toBe(false);
  expect(offersToolCalls(getPrompt("executor", 1))).toBe(true);
});

/** Text that tries hard: fences of all lengths, section headings, placeholders, line ends of all kinds. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom("```", "`", "````\n", "\n", "\r", "## user\n", "## system", "{{goal}}", "{{inputs}}", "~~~", "$&", "$1"),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(""));

test("no text can end its fence, reach another block or fill a placeholder", () => {
  fc.assert(
    fc.property(hostileText, hostileText, fc.array(hostileText, { minLength: 1 }), (goal, file, results) => {
      const { system, user } = renderPrompt(prompt, { variables: { goal, files: file }, inputs: results, tools: [] });
      expect(system).toBe(prompt.system);
      const read = readBlocks(user);
      expect(read.blocks).toEqual({ goal, files: file, inputs: results.map((result) => JSON.stringify(result)).join("\n") });
      expect(read.outside).toBe("The goal:\n\n\n\nFiles:\n\n\n\nResults:\n\n\n\nGreet.");
    }),
  );
});

test("any JSON value comes out of its block as it went in", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z`]{0,5}$/), fc.jsonValue()), (value) => {
      const files = JsonValue.parse(JSON.parse(JSON.stringify(value)));
      const { user } = renderPrompt(prompt, { variables: { goal: "", files }, inputs: [], tools: [] });
      expect(JSON.parse(readBlocks(user).blocks["files"] ?? "")).toEqual(files);
    }),
  );
});

/** Reads fences as CommonMark does, and knows nothing of how they were written. */
function readBlocks(text: string): { blocks: Record<string, string>; outside: string } {
  const blocks: Record<string, string> = {};
  const outside: string[] = [];
  let open: { bar: string; label: string; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    if (open === undefined) {
      const [, bar, label] = /^(`{3,})([a-z]+)$/.exec(line) ?? [];
      if (bar === undefined || label === undefined) outside.push(line);
      else open = { bar, label, lines: [] };
    } else if (/^ {0,3}`+[ \t\r]*$/.test(line) && line.trim().length >= open.bar.length) {
      blocks[open.label] = open.lines.join("\n");
      outside.push("");
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  expect(open).toBeUndefined();
  return { blocks, outside: outside.join("\n") };
}
