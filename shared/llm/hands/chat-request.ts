import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionFunctionTool,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import { getPrompt } from "../../prompts/get-prompt.ts";
import type { Prompt } from "../../prompts/prompt.ts";
import { offersToolCalls, renderPrompt } from "../../prompts/render-prompt.ts";
import type { LlmCall, Turn } from "../contract.ts";
import { acceptsTemperature, splitModelName } from "../domain/capabilities.ts";
import { type FindTool, getOfferedTools, type OfferedTool } from "../domain/offered-tool.ts";
import { renderToolOutput } from "../domain/render-turn.ts";
import { toStrictSchema } from "../domain/strict-schema.ts";

/** The call in the vendor's words. What stays the same between calls (system, tools, schema) comes first, so that its cache can serve it. */
export function buildChatRequest(call: LlmCall, findTool: FindTool): ChatCompletionCreateParamsNonStreaming {
  const prompt = getPrompt(call.prompt.name, call.prompt.version);
  const tools = getOfferedTools(call.tools, findTool);
  const { system, user } = renderPrompt(prompt, { variables: call.variables, inputs: call.inputs, tools });
  const offered = offersToolCalls(prompt) ? tools : [];
  return {
    model: splitModelName(call.model).id,
    messages: [{ role: "system", content: system }, { role: "user", content: user }, ...buildTurns(call.turns)],
    ...(offered.length > 0 && { tools: offered.map(buildTool) }),
    response_format: buildResponseFormat(prompt),
    max_completion_tokens: call.max_output_tokens,
    ...(call.temperature !== null && acceptsTemperature(call.model) && { temperature: call.temperature }),
  };
}

function buildResponseFormat(prompt: Prompt): NonNullable<ChatCompletionCreateParamsNonStreaming["response_format"]> {
  const name = `${prompt.name}_v${prompt.version}`;
  return { type: "json_schema", json_schema: { name, strict: true, schema: prompt.output_schema } };
}

function buildTool({ name, description, parameters }: OfferedTool): ChatCompletionFunctionTool {
  const strict = toStrictSchema(parameters);
  const form = strict === undefined ? { parameters, strict: false } : { parameters: strict, strict: true };
  return { type: "function", function: { name, description, ...form } };
}

/** Vendors refuse a call of a tool that no message answers: calls that nobody carried out are left out. */
function buildTurns(turns: readonly Turn[]): ChatCompletionMessageParam[] {
  const answered = new Set(turns.flatMap((turn) => (turn.kind === "tool" ? [turn.call_id] : [])));
  return turns.map((turn): ChatCompletionMessageParam => {
    if (turn.kind === "correction") return { role: "user", content: turn.text };
    if (turn.kind === "tool") return { role: "tool", tool_call_id: turn.call_id, content: renderToolOutput(turn) };
    const calls = turn.tool_calls.filter((toolCall) => answered.has(toolCall.id));
    if (calls.length === 0) return { role: "assistant", content: turn.text };
    const tool_calls = calls.map(({ id, name, arguments: values }) => ({
      id,
      type: "function" as const,
      function: { name, arguments: JSON.stringify(values) },
    }));
    return { role: "assistant", content: turn.text === "" ? null : turn.text, tool_calls };
  });
}
