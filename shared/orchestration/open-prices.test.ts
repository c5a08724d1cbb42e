import { expect, test } from "vitest";
import { sampleCall } from "../../tests/llm/sample-call.ts";
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
