import type { TokenUsage } from "../../effects/contract.ts";
import type { LlmAnswer, LlmCall } from "../contract.ts";

/**
 * One vendor or engine that answers LLM calls. Implementations: offline-rules-v1, OpenAI-compatible chat.
 * `complete` resolves only for an answer that is whole; it throws an AppError (`provider-unavailable`, `provider-rejected`,
 * `answer-truncated`, `unsupported_offline`) otherwise.
 */
export interface LlmProvider {
  readonly id: string;
  complete(call: LlmCall, options: { signal: AbortSignal }): Promise<{ answer: LlmAnswer; usage: TokenUsage }>;
}
