import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findPrice, type ModelPrice, type PriceTable, priceTokens, priceWorstCase, type Rate } from "./pricing.ts";

const flat = (base: bigint): Rate => ({ base, tiers: [] });
/** Nano-dollars a million tokens: 0.10, 0.01, 0.125 and 0.50 dollars; from 272,001 input tokens on, twice and one and a half times that. */
const luna: ModelPrice = {
  input: { base: 100_000_000n, tiers: [{ above: 272_000, rate: 200_000_000n }] },
  cached_input: { base: 10_000_000n, tiers: [{ above: 272_000, rate: 20_000_000n }] },
  cache_write: { base: 125_000_000n, tiers: [{ above: 272_000, rate: 250_000_000n }] },
  output: { base: 500_000_000n, tiers: [{ above: 272_000, rate: 750_000_000n }] },
  context_window: 1_050_000,
  source: "a list",
};
const embedder: ModelPrice = { ...luna, output: undefined };
const odd: ModelPrice = { ...luna, input: flat(1n), cached_input: flat(1n), cache_write: flat(1n), output: flat(1n) };
const table: PriceTable = new Map([
  ["openai:gpt-6-luna", luna],
  ["openai:embedder", embedder],
  ["openai:odd", odd],
  ["anthropic:claude-sonnet-5", luna],
  ["openai:dated-2026-03-17", luna],
  ["openai:twice-2026-03-17", luna],
  ["openai:twice-2026-04-17", odd],
]);
const usage = (input_tokens: number, output_tokens: number, more: { cached?: number; written?: number } = {}) => ({
  model: "any",
  input_tokens,
  output_tokens,
  cached_input_tokens: more.cached ?? 0,
  cache_write_input_tokens: more.written ?? 0,
});
const costOf = (pricing: ReturnType<typeof priceTokens>) => (pricing.status === "priced" ? pricing.cost : pricing.status);

describe("the cost of a call", () => {
  test("is tokens times rates, to the nano-dollar, and says where the rates come from", () => {
    expect(priceTokens(table, "openai:gpt-6-luna", usage(1_000, 10))).toEqual({
      status: "priced",
      cost: 105_000n,
      source: "a list",
      unit_prices: { input: 100_000_000n, cached_input: 10_000_000n, cache_write: 125_000_000n, output: 500_000_000n },
    });
  });

  test("bills cached and cache-written input at their own rates, as parts of the input", () => {
    expect(costOf(priceTokens(table, "openai:gpt-6-luna", usage(1_000, 0, { cached: 900 })))).toBe(10_000n + 9_000n);
    expect(costOf(priceTokens(table, "openai:gpt-6-luna", usage(1_000, 0, { cached: 400, written: 600 })))).toBe(4_000n + 75_000n);
  });

  test("takes the tier's rates for the whole call once its input is longer than the tier's start", () => {
    expect(costOf(priceTokens(table, "openai:gpt-6-luna", usage(272_000, 2)))).toBe(27_200_000n + 1_000n);
    expect(costOf(priceTokens(table, "openai:gpt-6-luna", usage(272_001, 2)))).toBe(54_400_200n + 1_500n);
  });

  test("rounds a fraction of a nano-dollar up, never to nothing", () => {
    expect(costOf(priceTokens(table, "openai:odd", usage(1, 0)))).toBe(1n);
    expect(costOf(priceTokens(table, "openai:odd", usage(0, 0)))).toBe(0n);
  });

  test("is nothing for our own rules and for models on the person's machine, whatever the table says", () => {
    expect(priceTokens(table, "offline:offline-rules-v1", usage(9, 9))).toEqual({ status: "offline", cost: 0n });
    expect(priceTokens(table, "ollama:qwen3:8b", usage(9, 9))).toEqual({ status: "local", cost: 0n });
  });

  test.for(["openai:gpt-7", "offlinerules", "constructor:x", ""])("of %s is unknown, which is not zero", (model) => {
    expect(priceTokens(table, model, usage(9, 9))).toEqual({ status: "unpriced" });
    expect(priceWorstCase(table, model, 9, 9)).toEqual({ status: "unpriced" });
  });

  test("of output is unknown where only input has a price", () => {
    expect(costOf(priceTokens(table, "openai:embedder", usage(1_000, 0)))).toBe(100_000n);
    expect(costOf(priceTokens(table, "openai:embedder", usage(1_000, 1)))).toBe("unpriced");
    expect(costOf(priceWorstCase(table, "openai:embedder", 1_000, 1))).toBe("unpriced");
  });
});

describe("the price of a model", () => {
  test("is never that of a neighbour whose name begins alike", () => {
    expect(findPrice(table, "anthropic:claude-sonnet-5-5")).toBeUndefined();
    expect(findPrice(table, "openai:gpt-6-luna-mini")).toBeUndefined();
    expect(findPrice(table, "openai:gpt-6")).toBeUndefined();
    expect(findPrice(table, "gpt-6-luna")).toBeUndefined();
  });

  test("is that of the same model with the date of its snapshot, in both forms of a date", () => {
    expect(findPrice(table, "openai:gpt-6-luna-2026-09-01")).toBe(luna);
    expect(findPrice(table, "anthropic:claude-sonnet-5-20260901")).toBe(luna);
    expect(findPrice(table, "openai:gpt-6-luna-0901")).toBeUndefined();
  });

  test("is that of its only listed snapshot, but not of one of several", () => {
    expect(findPrice(table, "openai:dated")).toBe(luna);
    expect(findPrice(table, "openai:twice")).toBeUndefined();
    expect(findPrice(table, "openai:dated-2026-04-17")).toBeUndefined();
  });
});

const tokens = fc.nat({ max: 1_000_000 });

test("no call within its limits costs more than its worst case", () => {
  fc.assert(
    fc.property(tokens, tokens, tokens, tokens, tokens, tokens, (input, spareInput, output, spareOutput, cached, written) => {
      const worst = priceWorstCase(table, "openai:gpt-6-luna", input + spareInput, output + spareOutput);
      const true_ = priceTokens(table, "openai:gpt-6-luna", usage(input, output, { cached, written }));
      if (worst.status !== "priced" || true_.status !== "priced") throw new Error("expected two prices");
      expect(worst.cost).toBeGreaterThanOrEqual(true_.cost);
    }),
  );
});

test("a call that consumed something never costs nothing where its price is not nothing", () => {
  fc.assert(
    fc.property(tokens, tokens, tokens, (input, output, cached) => {
      const cost = costOf(priceTokens(table, "openai:odd", usage(input, output, { cached })));
      expect(cost === 0n).toBe(input + output === 0);
    }),
  );
});
