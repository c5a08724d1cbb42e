import * as z from "zod";
import type { TokenUsage } from "../../effects/contract.ts";
import { AppError } from "../../platform/errors.ts";
import { JsonObject } from "../../platform/json.ts";
import { estimateTokens } from "../../prompts/estimate-tokens.ts";
import type { LlmAnswer, LlmCall, ToolCall } from "../contract.ts";
import { splitModelName } from "../domain/capabilities.ts";
import { AnswerTruncated } from "./answer-truncated.ts";

const Count = z.int().min(0);

/** As much of a chat completion as we use: compatible servers leave out or null much of the rest. */
const ChatReply = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string().min(1), function: z.object({ name: z.string().min(1), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: Count,
      completion_tokens: Count,
      prompt_tokens_details: z.object({ cached_tokens: Count.nullish(), cache_write_tokens: Count.nullish() }).nullish(),
    })
    .nullish(),
});
type ChatReply = z.infer<typeof ChatReply>;
type Choice = ChatReply["choices"][number];

/**
 * Reads a completion. Throws `provider-unavailable` for a body that is none, and `answer-truncated` (with what it consumed) for an answer
 * that hit its limit or does not say why it ended. `sent` is the text of the request, for servers that count nothing.
 */
export function readChatReply(
  body: unknown,
  call: LlmCall,
  context: { requestId: string | null; sent: string },
): { answer: LlmAnswer; usage: TokenUsage } {
  const parsed = ChatReply.safeParse(body);
  const choice = parsed.data?.choices[0];
  if (parsed.data === undefined || choice === undefined) {
    throw new AppError("provider-unavailable", "The model provider answered 200 with a body that is not a chat completion", {
      cause: parsed.error,
    });
  }
  const usage = readUsage(parsed.data, choice, call, context.sent);
  const model = parsed.data.model ?? splitModelName(call.model).id;
  return { answer: { model, provider_request_id: context.requestId, ...readMessage(choice, call, usage) }, usage };
}

function readMessage(choice: Choice, call: LlmCall, usage: TokenUsage): Pick<LlmAnswer, "text" | "tool_calls" | "finish_reason"> {
  const { finish_reason: reason, message } = choice;
  if (message.refusal || reason === "content_filter") {
    return { text: message.refusal || message.content || "", tool_calls: [], finish_reason: "refused" };
  }
  if (reason === "length") throw new AnswerTruncated(`The answer was longer than its ${call.max_output_tokens} tokens`, usage);
  if (!reason) throw new AnswerTruncated("The answer ended without saying why", usage);
  const { calls, mistakes } = readToolCalls(message.tool_calls ?? []);
  const text = message.content ?? "";
  if (mistakes.length > 0) return { text: [text, ...mistakes].filter(Boolean).join("\n"), tool_calls: [], finish_reason: "stop" };
  return { text, tool_calls: calls, finish_reason: calls.length > 0 ? "tool_calls" : "stop" };
}

/**
 * A call whose arguments are not a JSON object cannot be carried out. It becomes words in the answer, as do the calls beside it: the agent
 * finds no answer in them, says so, and the model sees in its own last turn what it has to write again.
 */
function readToolCalls(listed: NonNullable<Choice["message"]["tool_calls"]>): { calls: ToolCall[]; mistakes: string[] } {
  const calls: ToolCall[] = [];
  const mistakes: string[] = [];
  for (const { id, function: called } of listed) {
    const values = parseArguments(called.arguments);
    if (values === undefined)
      mistakes.push(`The arguments of the call of ${called.name} were not a JSON object: ${called.arguments.slice(0, 2_000)}`);
    else calls.push({ id, name: called.name, arguments: values });
  }
  return { calls, mistakes };
}

function parseArguments(text: string): JsonObject | undefined {
  try {
    // Some servers send nothing for a call without arguments.
    return JsonObject.safeParse(JSON.parse(text === "" ? "{}" : text)).data;
  } catch {
    return undefined;
  }
}

function readUsage(reply: ChatReply, choice: Choice, call: LlmCall, sent: string): TokenUsage {
  const model = splitModelName(call.model).id;
  if (!reply.usage) {
    const received = estimateTokens(choice.message.content ?? "", JSON.stringify(choice.message.tool_calls ?? []));
    return { model, input_tokens: estimateTokens(sent).tokens, output_tokens: received.tokens, cached_input_tokens: 0 };
  }
  const { prompt_tokens, completion_tokens, prompt_tokens_details: details } = reply.usage;
  return {
    model,
    input_tokens: prompt_tokens,
    output_tokens: completion_tokens,
    cached_input_tokens: details?.cached_tokens ?? 0,
    ...(details?.cache_write_tokens && { cache_write_input_tokens: details.cache_write_tokens }),
  };
}
