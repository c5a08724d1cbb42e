import type { LlmCall } from "../../shared/llm/contract.ts";
import type { FindTool } from "../../shared/llm/domain/offered-tool.ts";

/** Calls and tools as the agents make them, for tests of providers. */
export function sampleCall(changes: Partial<LlmCall> = {}): LlmCall {
  return {
    model: "openai:gpt-6-luna",
    prompt: { name: "executor", version: 1 },
    variables: {
      goal: "Find the answer.",
      task: { ordinal: 1, name: "Compute", description: "Compute six times seven." },
      files: [{ path: "a.csv", bytes: 12 }],
    },
    inputs: [{ ordinal: 1, name: "Count", result: { rows: 3 } }],
    turns: [],
    tools: ["execute_javascript", "write_file"],
    max_output_tokens: 500,
    temperature: null,
    ...changes,
  };
}

export const plannerCall = (changes: Partial<LlmCall> = {}): LlmCall =>
  sampleCall({
    prompt: { name: "planner", version: 1 },
    variables: { goal: "Find the answer.", files: [], memories: ["Answers are short."] },
    inputs: [],
    ...changes,
  });

export const findTool: FindTool = (name) => sampleTools.find((tool) => tool.name === name);

const sampleTools = [
  {
    name: "execute_javascript",
    description: "Runs a program.",
    parameters: {
      type: "object",
      properties: { code: { type: "string", maxLength: 9 }, input: {} },
      required: ["code"],
      additionalProperties: false,
    },
  },
  {
    name: "write_file",
    description: "Writes a file.",
    parameters: {
      type: "object",
      properties: { path: { type: "string", maxLength: 255 }, content: { type: "string" } },
      required: ["path", "content"],
      additionalProperties: false,
    },
  },
];
