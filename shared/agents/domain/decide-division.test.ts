import { expect, test } from "vitest";
import type { JsonValue } from "../../platform/json.ts";
import { decide } from "./decide.ts";
import type { Briefing, JournalEntry } from "./journal.ts";

const briefing: Briefing = {
  role: "executor",
  model: "local:scripted",
  prompt: { name: "executor", version: 1 },
  max_output_tokens: 100,
  temperature: 0.5,
  variables: {},
  inputs: [],
  tools: ["read_file", "propose_subtasks"],
};
const called = (...names: string[]): JournalEntry => ({
  seq: 0,
  kind: "llm",
  state: "done",
  result: {
    model: "scripted",
    text: "",
    tool_calls: names.map((name, index) => ({ id: `call-${index}`, name, arguments: {} })),
    finish_reason: "tool_calls",
    provider_request_id: null,
  },
});
const told = (seq: number, result: JsonValue = {}): JournalEntry => ({ seq, kind: "tool", state: "done", result });
const refused = (seq: number): JournalEntry => ({
  seq,
  kind: "tool",
  state: "failed",
  error: { code: "subtasks-empty", detail: "The proposal has no subtask", retryable: false },
});
const kindOf = (...journal: JournalEntry[]) => {
  const next = decide(briefing, journal);
  return next.kind === "effects" ? next.intents.map(({ kind }) => kind) : next.kind;
};

test("an executor calls for subtasks as for a tool, and its attempt is over when they were accepted", () => {
  expect(kindOf(called("propose_subtasks"))).toEqual(["tool"]);
  expect(kindOf(called("propose_subtasks"), told(1))).toBe("divided");
});

test("an executor that is refused them, alone or beside another call, is asked again", () => {
  expect(kindOf(called("propose_subtasks"), refused(1))).toEqual(["llm"]);
  expect(kindOf(called("propose_subtasks", "read_file"), refused(1), told(2))).toEqual(["llm"]);
  expect(kindOf(called("read_file", "propose_subtasks"), told(1), refused(2))).toEqual(["llm"]);
});
