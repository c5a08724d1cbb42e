import { priceTokens } from "./domain/pricing.ts";
import { loadPriceTable } from "./load-prices.ts";

const known = new Map<string, Promise<boolean>>();

/** Whether calls of a model (`provider:model`) can be billed; looked up once a process, since the list of prices is long. */
export function hasPrice(model: string, now: Date): Promise<boolean> {
  let answer = known.get(model);
  if (answer === undefined) {
    answer = look(model, now);
    known.set(model, answer);
    answer.catch(() => known.delete(model));
  }
  return answer;
}

async function look(model: string, now: Date): Promise<boolean> {
  const usage = { model, input_tokens: 1, output_tokens: 1, cached_input_tokens: 0 };
  return priceTokens(await loadPriceTable([model], now), model, usage).status !== "unpriced";
}
