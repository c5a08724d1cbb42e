import { findFreeStatus, type PriceTable } from "../../usage/domain/pricing.ts";
import { loadPriceTable } from "../../usage/load-prices.ts";
import type { Prices } from "../deps.ts";
import { chargeTokens } from "./charge-tokens.ts";

/**
 * Prices as of `now`. The list of prices is long and stays unread while all models are free by their nature: agents may bring models of their
 * own, so it is read when the first of them asks.
 */
export async function openPrices(defaultModel: string, now: Date): Promise<Prices> {
  let known = await loadPrices([defaultModel], now);
  let isListRead = findFreeStatus(defaultModel) === undefined;
  return {
    worstCase: (request, inputBytes) => known.worstCase(request, inputBytes),
    charge: (model, usage) => known.charge(model, usage),
    async learn(models) {
      if (isListRead || models.every((model) => findFreeStatus(model) !== undefined)) return;
      known = await loadPrices(models, now);
      isListRead = true;
    },
  };
}

/** A worst case is a guess from prompts and schemas, which are loaded where something has a price. */
async function loadPrices(models: readonly string[], now: Date): Promise<Prices> {
  const table = await loadPriceTable(models, now);
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
