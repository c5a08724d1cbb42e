import * as z from "zod";
import type { ClaimedEffect, EffectOutcome } from "../../effects/contract.ts";
import { AppError } from "../../platform/errors.ts";
import { LlmCall } from "../contract.ts";
import { AnswerTruncated } from "./answer-truncated.ts";
import type { GetProvider } from "./create-providers.ts";

/**
 * Carries out a claimed `llm` effect with the provider of its model. Resolves with the answer, or with a failure that was paid for;
 * throws the provider's AppError, and `invalid-request` for a request that is no LLM call.
 */
export async function answerCall(getProvider: GetProvider, effect: ClaimedEffect, signal: AbortSignal): Promise<EffectOutcome> {
  const call = LlmCall.safeParse(effect.request);
  if (!call.success) throw new AppError("invalid-request", `The effect is not an LLM call: ${z.prettifyError(call.error)}`);
  const provider = await getProvider(call.data.model);
  try {
    const { answer, usage } = await provider.complete(call.data, { signal });
    return { status: "done", result: answer, usage };
  } catch (error) {
    if (!(error instanceof AnswerTruncated)) throw error;
    const { code, detail, retryable, usage } = error;
    return { status: "failed", error: { code, detail, retryable }, usage };
  }
}
