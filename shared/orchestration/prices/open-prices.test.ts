import { expect, test } from "vitest";
import { sampleCall } from "../../../tests/llm/sample-call.ts";
import { openPrices } from "./open-prices.ts";

const now = new Date("2026-11-22T00:00:00Z");
const requestOf = (model: string) => ({ ...sampleCall(), model, inputs: [], turns: [] });

test("a priced model has a worst case, and where the default is free only free models have one", async () => {
  const models = ["openai:gpt-6-luna", "offline:offline-rules-v1"];
  for (const [defaultModel, known] of [
    ["openai:gpt-6-luna", [true, true]],
    ["offline:offline-rules-v1", [false, true]],
  ] as const) {
    const prices = await openPrices(defaultModel, now);
    const usage = { model: "any", input_tokens: 1, output_tokens: 1, cached_input_tokens: 0 };
    expect(models.map((model) => prices.worstCase(requestOf(model), 0) !== null)).toEqual(known);
    expect(models.map((model) => prices.charge(model, usage).cost_nano !== null)).toEqual(known);
  }
});

test("models that agents bring are priced once they are learned, though the default is free", async () => {
  const prices = await openPrices("offline:offline-rules-v1", now);
  const usage = { model: "any", input_tokens: 1, output_tokens: 1, cached_input_tokens: 0 };

  await prices.learn?.(["offline:offline-rules-v1"]);
  expect(prices.charge("openai:gpt-6-luna", usage).price_status).toBe("unpriced");
  await prices.learn?.(["openai:gpt-6-luna"]);

  expect(prices.charge("openai:gpt-6-luna", usage).price_status).toBe("priced");
  expect(prices.worstCase(requestOf("openai:gpt-6-luna"), 0)).toBeGreaterThan(0n);
});
