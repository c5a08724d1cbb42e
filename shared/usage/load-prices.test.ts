import { expect, test } from "vitest";
import packageFile from "../../package.json" with { type: "json" };
import { findPrice, priceTokens } from "./domain/pricing.ts";
import { loadPriceTable } from "./load-prices.ts";

const now = new Date("2026-11-22T00:00:00Z");
const override = {
  model: "openai:gpt-6-luna",
  input_usd_per_million: "7",
  context_window: null,
  source: "https://example.com/prices",
  read_on: "2026-11-22",
};

test("the list holds the default model's price, its tiers and its context window", async () => {
  const table = await loadPriceTable(["openai:gpt-6-luna"], now);
  expect(table.get("openai:gpt-6-luna")).toEqual({
    input: { base: 100_000_000n, tiers: [{ above: 272_000, rate: 200_000_000n }] },
    cached_input: { base: 10_000_000n, tiers: [{ above: 272_000, rate: 20_000_000n }] },
    cache_write: { base: 125_000_000n, tiers: [{ above: 272_000, rate: 250_000_000n }] },
    output: { base: 500_000_000n, tiers: [{ above: 272_000, rate: 750_000_000n }] },
    context_window: 1_050_000,
    source: `@pydantic/genai-prices ${packageFile.devDependencies["@pydantic/genai-prices"]}`,
  });
});

test("a model that the list does not hold stays unpriced, although the package itself would take its neighbour's price", async () => {
  const { calcPrice } = await import("@pydantic/genai-prices");
  expect(calcPrice({ input_tokens: 1 }, "claude-sonnet-5-5", { providerId: "anthropic" })?.model.id).toBe("claude-sonnet-5");
  const table = await loadPriceTable(["anthropic:claude-sonnet-5-5"], now);
  expect(findPrice(table, "anthropic:claude-sonnet-5")).toBeDefined();
  expect(findPrice(table, "anthropic:claude-sonnet-5-5")).toBeUndefined();
});

test("a price that changed is the one of the day", async () => {
  const usage = { model: "openai:gpt-5.6-luna", input_tokens: 1_000_000, output_tokens: 0, cached_input_tokens: 0 };
  const models = [usage.model];
  expect(priceTokens(await loadPriceTable(models, new Date("2026-07-29T00:00:00Z")), usage.model, usage)).toMatchObject({
    cost: 2_000_000_000n,
  });
  expect(priceTokens(await loadPriceTable(models, new Date("2026-07-30T00:00:00Z")), usage.model, usage)).toMatchObject({
    cost: 400_000_000n,
  });
});

test("our own price wins over the list, its absent rates are those of input, and it says when it was read", async () => {
  const table = await loadPriceTable(["openai:gpt-6-luna"], now, [override]);
  const usage = { model: override.model, input_tokens: 2, cached_input_tokens: 1, output_tokens: 0 };
  expect(priceTokens(table, override.model, usage)).toMatchObject({
    cost: 14_000n,
    source: "https://example.com/prices, read on 2026-11-22",
  });
  expect(priceTokens(table, override.model, { ...usage, output_tokens: 1 })).toEqual({ status: "unpriced" });
});

test("no list is read while every model is free", async () => {
  expect((await loadPriceTable(["offline:offline-rules-v1", "ollama:qwen3"], now)).size).toBe(0);
});

test.for([[{ ...override, read_on: "yesterday" }], [{ ...override, input_usd_per_million: "-1" }], [{ ...override, extra: 1 }], {}])(
  "refuses a price file that breaks its format: %j",
  async (file) => {
    await expect(loadPriceTable([], now, file)).rejects.toMatchObject({ code: "wrong-configuration" });
  },
);
