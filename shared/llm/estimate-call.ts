import { estimateTokens } from "../prompts/estimate-tokens.ts";
import { getPrompt } from "../prompts/get-prompt.ts";
import type { Prompt } from "../prompts/prompt.ts";
import { renderPrompt } from "../prompts/render-prompt.ts";
import type { LlmCall, Turn } from "./contract.ts";
import { type FindTool, getOfferedTools, type OfferedTool } from "./domain/offered-tool.ts";
import { renderToolOutput } from "./domain/render-turn.ts";

/** Tokens that vendors add for each message's role and marks, and for the frame of the whole. */
const TOKENS_PER_MESSAGE = 16;

/**
 * An upper guess of the input tokens of a call, for the hold that is taken before it: prompt, results, turns, tools and answer schema.
 * Throws what `getPrompt` and `renderPrompt` throw.
 */
export function estimateCall(call: LlmCall, findTool: FindTool): { input_tokens: number; estimated: true } {
  const prompt = getPrompt(call.prompt.name, call.prompt.version);
  const { tools, tokens: fixed } = estimateFixed(prompt, call.tools, findTool);
  const { user } = renderPrompt(prompt, { variables: call.variables, inputs: call.inputs, tools });
  const frames = (call.turns.length + 3) * TOKENS_PER_MESSAGE;
  const { tokens } = estimateTokens(user, ...call.turns.map(textOf));
  return { input_tokens: fixed + tokens + frames, estimated: true };
}

type Fixed = { tools: OfferedTool[]; tokens: number };
const fixedParts = new WeakMap<FindTool, Map<string, Fixed>>();

/** What is the same in every call with this prompt and these tools, and most of the text: guessed once. */
function estimateFixed(prompt: Prompt, names: readonly string[], findTool: FindTool): Fixed {
  const known = fixedParts.get(findTool) ?? new Map<string, Fixed>();
  fixedParts.set(findTool, known);
  const key = [prompt.name, prompt.version, ...names].join(" ");
  let fixed = known.get(key);
  if (fixed === undefined) {
    const tools = getOfferedTools(names, findTool);
    fixed = { tools, tokens: estimateTokens(prompt.system, JSON.stringify(prompt.output_schema), JSON.stringify(tools)).tokens };
    known.set(key, fixed);
  }
  return fixed;
}

function textOf(turn: Turn): string {
  switch (turn.kind) {
    case "answer":
      return `${turn.text} ${JSON.stringify(turn.tool_calls)}`;
    case "tool":
      return `${turn.call_id} ${renderToolOutput(turn)}`;
    case "correction":
      return turn.text;
  }
}
