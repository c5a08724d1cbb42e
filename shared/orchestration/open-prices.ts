import { findFreeStatus, type PriceTable } from "../usage/domain/pricing.ts";
import { loadPriceTable } from "../usage/load-prices.ts";
import { chargeTokens } from "./charge-tokens.ts";
import type { Prices } from "./deps.ts";

/** Prices as of `now`. A worst case is a guess from prompts and schemas, which are loaded where something has a price. */
export async function openPrices(defaultModel: string, now: Date): Promise<Prices> {
  const table = await loadPriceTable([defaultModel], now);
  if (table.size === 0) return withoutPrices(table);
  const { createPrices } = await import("./exact-prices.ts");
  return createPrices(table);
}

/** What is not free by its nature is unknown. */
function withoutPrices(table: PriceTable): Prices {
  return {
    worstCase: ({ model }) => (findFreeStatus(model) === undefined ? null : 0n),
    charge: (model, usage) => chargeTokens(table, model, usage),
  };
}
