import type { Prices } from "../deps.ts";
import { EXPECTED_TOKENS, type ExpectCost } from "../domain/choose-agent.ts";

/** What models would cost, by the prices that are known now; looked up once each. `defaultModel` stands behind 'default'. */
export function expectCost(prices: Prices, defaultModel: string): ExpectCost {
  const known = new Map<string, bigint | null>();
  return (model, complexity) => {
    const key = `${complexity} ${model}`;
    const looked = known.get(key);
    if (looked !== undefined) return looked;
    const { input, output } = EXPECTED_TOKENS[complexity];
    const usage = { model, input_tokens: input, output_tokens: output, cached_input_tokens: 0 };
    const cost = prices.charge(model === "default" ? defaultModel : model, usage).cost_nano;
    known.set(key, cost);
    return cost;
  };
}
