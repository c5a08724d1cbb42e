import { expect, test } from "vitest";
import { loadPriceTable } from "../usage/load-prices.ts";
import { ModelDescription } from "./contracts/models.ts";
import { listModels } from "./list-models.ts";

const now = new Date("2026-11-22T00:00:00Z");

test("without a key there are only the offline rules, which cost nothing and generate nothing", () => {
  expect(listModels({ defaultModel: "offline:offline-rules-v1", openai: "absent" }, new Map())).toEqual([
    {
      id: "offline:offline-rules-v1",
      provider: "offline",
      is_default: true,
      generative: false,
      context_window: null,
      price_status: "offline",
      prices: null,
    },
  ]);
});

test("with a key there are OpenAI's models with their prices, each once, and those without a known price say so", async () => {
  const models = listModels({ defaultModel: "openai:gpt-6-luna", openai: "vendor" }, await loadPriceTable(["openai:gpt-6-luna"], now));
  for (const model of models) ModelDescription.parse(model);
  expect(models.map((model) => model.id)).toHaveLength(new Set(models.map((model) => model.id)).size);
  expect(models[0]).toMatchObject({
    id: "openai:gpt-6-luna",
    is_default: true,
    generative: true,
    context_window: 1_050_000,
    price_status: "priced",
    prices: { input_usd_per_million: "0.1", cached_input_usd_per_million: "0.01", output_usd_per_million: "0.5" },
  });
  expect(models.find((model) => model.id === "openai:gpt-6.1-sol")).toMatchObject({ price_status: "unpriced", prices: null });
  expect(models.filter((model) => model.is_default)).toHaveLength(1);
});

test("a compatible server's model is listed as it is configured, unpriced where the list does not know it", async () => {
  const models = listModels({ defaultModel: "openai:qwen3:8b", openai: "compatible" }, await loadPriceTable(["openai:qwen3:8b"], now));
  expect(models.map(({ id, price_status }) => [id, price_status])).toEqual([
    ["openai:qwen3:8b", "unpriced"],
    ["offline:offline-rules-v1", "offline"],
  ]);
});
