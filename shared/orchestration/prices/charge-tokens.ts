import type { TokenUsage } from "../../effects/contract.ts";
import { type PriceTable, priceTokens } from "../../usage/domain/pricing.ts";
import type { Charge } from "../domain/batch.ts";

/** What a call of `model` (`provider:model`) is booked with, by the tokens that its provider counted. */
export function chargeTokens(table: PriceTable, model: string, usage: TokenUsage): Charge {
  const pricing = priceTokens(table, model, usage);
  return {
    provider: model.slice(0, model.indexOf(":")),
    model: model.slice(model.indexOf(":") + 1),
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    cached_tokens: usage.cached_input_tokens,
    cost_nano: pricing.status === "unpriced" ? null : pricing.cost,
    price_status: pricing.status,
    price_source: pricing.status === "priced" ? pricing.source : null,
  };
}
