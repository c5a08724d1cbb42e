import type { ConditionalPrice, ModelPrice as ListedPrice, ModelInfo } from "@pydantic/genai-prices";
import * as z from "zod";
import { AppError } from "../platform/errors.ts";
import { type NanoDollars, parseUsd } from "../platform/money.ts";
import { findFreeStatus, type ModelPrice, type PriceTable, type Rate } from "./domain/pricing.ts";
import overridesFile from "./prices.json" with { type: "json" };

/** Providers whose list prices the package knows by the same name. */
const LISTED_PROVIDERS = ["openai", "anthropic"] as const;
const LIST = "@pydantic/genai-prices 0.1.8";

const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/);

/** A price of our own in prices.json: it wins over the package's. Rates that are absent are those of plain input. */
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

/**
 * Prices as of `now`, for `priceTokens`. The package's list costs a tenth of a second to load, so it stays unread while all `models`
 * (`provider:model`) are free by their nature.
 */
export async function loadPriceTable(models: readonly string[], now: Date, overrides: unknown = overridesFile): Promise<PriceTable> {
  const table = new Map<string, ModelPrice>();
  if (models.some((model) => findFreeStatus(model) === undefined)) await addListedPrices(table, now);
  for (const override of parseOverrides(overrides)) table.set(override.model, readOverride(override));
  return table;
}

async function addListedPrices(table: Map<string, ModelPrice>, now: Date): Promise<void> {
  const { findProvider } = await import("@pydantic/genai-prices");
  for (const provider of LISTED_PROVIDERS) {
    for (const model of findProvider({ providerId: provider })?.models ?? []) {
      const price = readListedPrice(model, now);
      if (price !== undefined) table.set(`${provider}:${model.id}`, price);
    }
  }
}

/** Undefined for what we cannot bill by tokens alone: prices by the hour or by the time of day, or finer than nano-dollars. */
function readListedPrice(model: ModelInfo, now: Date): ModelPrice | undefined {
  const listed = Array.isArray(model.prices) ? findCurrent(model.prices, now) : model.prices;
  const input = readRate(listed?.["input_mtok"]);
  if (listed === undefined || input === undefined) return undefined;
  return {
    input,
    cached_input: readRate(listed["cache_read_mtok"]) ?? input,
    cache_write: readRate(listed["cache_write_mtok"]) ?? input,
    output: readRate(listed["output_mtok"]),
    context_window: model.context_window ?? null,
    source: LIST,
  };
}

function findCurrent(prices: readonly ConditionalPrice[], now: Date): ListedPrice | undefined {
  if (prices.some((price) => price.constraint?.type === "time_of_date")) return undefined;
  return prices.findLast(({ constraint }) => constraint?.type !== "start_date" || new Date(constraint.start_date) <= now)?.prices;
}

function readRate(listed: ListedPrice[string]): Rate | undefined {
  if (listed === undefined) return undefined;
  const { base, tiers } = typeof listed === "number" ? { base: listed, tiers: [] } : listed;
  const exact = toNanoDollars(base);
  const steps = tiers.flatMap((tier) => {
    const rate = toNanoDollars(tier.price);
    return rate === undefined ? [] : [{ above: tier.start, rate }];
  });
  return exact === undefined || steps.length < tiers.length ? undefined : { base: exact, tiers: steps };
}

/** The package lists floats: the shortest decimal that reads back as the same float is what its authors wrote. */
function toNanoDollars(usd: number): NanoDollars | undefined {
  const text = usd.toFixed(9);
  return Number(text) === usd && usd >= 0 ? parseUsd(text) : undefined;
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
