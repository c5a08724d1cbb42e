import * as z from "zod";
import { AppError } from "../platform/errors.ts";
import { parseUsd } from "../platform/money.ts";
import { findFreeStatus, type ModelPrice, type PriceTable, type Rate } from "./domain/pricing.ts";
import overridesFile from "./prices.json" with { type: "json" };

const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/);

/** A price of our own in prices.json: it wins over the list's. Rates that are absent are those of plain input. */
export const PriceOverride = z.strictObject({
  model: z.string().regex(/^[a-z][a-z0-9-]*:.+$/),
  input_usd_per_million: Usd,
  cached_input_usd_per_million: Usd.optional(),
  cache_write_usd_per_million: Usd.optional(),
  output_usd_per_million: Usd.optional(),
  context_window: z.int().positive().nullable(),
  source: z.url(),
  read_on: z.iso.date(),
});
export type PriceOverride = z.infer<typeof PriceOverride>;

/** Prices as of `now`, for `priceTokens`. The list stays unread while all `models` (`provider:model`) are free by their nature. */
export async function loadPriceTable(models: readonly string[], now: Date, overrides: unknown = overridesFile): Promise<PriceTable> {
  const isCostly = models.some((model) => findFreeStatus(model) === undefined);
  const table = new Map(isCostly ? (await import("./listed-prices.ts")).readListedPrices(now) : []);
  for (const override of parseOverrides(overrides)) table.set(override.model, readOverride(override));
  return table;
}

function parseOverrides(overrides: unknown): PriceOverride[] {
  const parsed = z.array(PriceOverride).safeParse(overrides);
  if (!parsed.success) throw new AppError("wrong-configuration", `shared/usage/prices.json: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function readOverride(override: PriceOverride): ModelPrice {
  const flat = (usd: string): Rate => ({ base: parseUsd(usd), tiers: [] });
  const input = flat(override.input_usd_per_million);
  return {
    input,
    cached_input: override.cached_input_usd_per_million === undefined ? input : flat(override.cached_input_usd_per_million),
    cache_write: override.cache_write_usd_per_million === undefined ? input : flat(override.cache_write_usd_per_million),
    output: override.output_usd_per_million === undefined ? undefined : flat(override.output_usd_per_million),
    context_window: override.context_window,
    source: `${override.source}, read on ${override.read_on}`,
  };
}
