import { describe, expect, test } from "vitest";
import { sampleCall } from "../../../tests/llm/sample-call.ts";
import type { LlmRequest } from "../../llm/contract.ts";
import type { ModelPrice } from "../../usage/domain/pricing.ts";
import { createPrices } from "./exact-prices.ts";

/** A thousand nano-dollars for each token, whichever way it goes. */
const rate = { base: 1_000_000_000n, tiers: [] };
const price: ModelPrice = { input: rate, cached_input: rate, cache_write: rate, output: rate, context_window: null, source: "a list" };
const prices = createPrices(new Map([["openai:gpt-6-luna", price]]));
const requestOf = (model: string, changes: Partial<LlmRequest> = {}): LlmRequest => ({
  ...sampleCall(),
  model,
  inputs: [],
  turns: [],
  ...changes,
});
const usage = { model: "gpt-6-luna-2026-01-01", input_tokens: 20, output_tokens: 10, cached_input_tokens: 5 };

describe("the worst case of a call", () => {
  test("is unknown, not zero, for a model without a price", () => {
    expect(prices.worstCase(requestOf("openai:unheard-of"), 0)).toBeNull();
  });

  test.each(["offline:offline-rules-v1", "ollama:llama", "local:scripted"])(
    "is zero for %s, which costs nothing by its nature",
    (model) => {
      expect(prices.worstCase(requestOf(model), 1_000_000)).toBe(0n);
    },
  );

  test("grows with what its references will bring, with every correction, and with what may be answered", () => {
    const worst = (bytes: number, changes: Partial<LlmRequest> = {}) =>
      prices.worstCase(requestOf("openai:gpt-6-luna", changes), bytes) ?? 0n;
    const plain = worst(0);

    expect(plain).toBeGreaterThan(500_000n);
    expect(worst(1_500) - plain).toBe(1_000_000n);
    expect(worst(0, { max_output_tokens: 600 }) - plain).toBe(100_000n);
    expect(worst(0, { turns: [{ correction: "Say it again, and say it right" }] })).toBeGreaterThan(plain);
    // What a turn says is counted with the bytes of the journal.
    expect(worst(0, { turns: [{ seq: 0 }] })).toBe(plain);
  });
});

describe("the charge of an answer", () => {
  test("is exact, by the model that was asked for, and says where its price was read", () => {
    expect(prices.charge("openai:gpt-6-luna", usage)).toEqual({
      provider: "openai",
      model: "gpt-6-luna",
      input_tokens: 20,
      output_tokens: 10,
      cached_tokens: 5,
      cost_nano: 30_000n,
      price_status: "priced",
      price_source: "a list",
    });
  });

  test("of an unknown price is unknown, not zero", () => {
    expect(prices.charge("openai:unheard-of", usage)).toMatchObject({ cost_nano: null, price_status: "unpriced", price_source: null });
  });

  test("of a free model is zero and says why", () => {
    expect(prices.charge("offline:offline-rules-v1", usage)).toMatchObject({ cost_nano: 0n, price_status: "offline" });
  });
});
