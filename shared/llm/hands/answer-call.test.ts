import { expect, test } from "vitest";
import type { ClaimedEffect } from "../../effects/contract.ts";
import { AppError } from "../../platform/errors.ts";
import type { LlmCall } from "../contract.ts";
import { answerCall } from "./answer-call.ts";
import { AnswerTruncated } from "./answer-truncated.ts";
import type { LlmProvider } from "./provider.ts";

const call: LlmCall = {
  model: "offline:offline-rules-v1",
  prompt: { name: "critic", version: 1 },
  variables: { goal: "g" },
  inputs: [],
  turns: [],
  tools: [],
  max_output_tokens: 10,
  temperature: null,
};
const id = "0198c5a2-7b1e-7c3d-9f04-5e6a7b8c9d01";
const effect = (request: ClaimedEffect["request"]): ClaimedEffect => ({
  effect_id: id,
  try: 1,
  lease_token: id,
  lease_seconds: 90,
  kind: "llm",
  safety: "repeatable",
  workspace_id: id,
  run_id: id,
  task_id: id,
  request,
});
const usage = { model: call.model, input_tokens: 3, output_tokens: 2, cached_input_tokens: 0 };
const provider = (complete: LlmProvider["complete"]) => async () => ({ id: "fake", complete });
const signal = new AbortController().signal;

test("asks the model's provider and reports its answer with what it consumed", async () => {
  const answer = { model: call.model, text: "{}", tool_calls: [], finish_reason: "stop" as const, provider_request_id: null };
  const asked: unknown[] = [];
  const outcome = await answerCall(
    async (model) => ({
      id: "fake",
      async complete(given, options) {
        asked.push(model, given, options.signal);
        return { answer, usage };
      },
    }),
    effect(call),
    signal,
  );
  expect(outcome).toEqual({ status: "done", result: answer, usage });
  expect(asked).toEqual([call.model, call, signal]);
});

test("reports what a truncated answer cost with its failure", async () => {
  const getProvider = provider(() => Promise.reject(new AnswerTruncated("cut", usage)));
  expect(await answerCall(getProvider, effect(call), signal)).toEqual({
    status: "failed",
    error: { code: "answer-truncated", detail: "cut", retryable: true },
    usage,
  });
});

test("passes other errors on", async () => {
  const failure = new AppError("provider-unavailable", "down");
  await expect(
    answerCall(
      provider(() => Promise.reject(failure)),
      effect(call),
      signal,
    ),
  ).rejects.toBe(failure);
});

test("refuses a request that is no call of a model, without asking anybody", async () => {
  const getProvider = provider(() => Promise.reject(new Error("was asked")));
  await expect(answerCall(getProvider, effect({ ...call, model: "nobody" }), signal)).rejects.toMatchObject({ code: "invalid-request" });
});
