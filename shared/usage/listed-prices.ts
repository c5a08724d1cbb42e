import * as z from "zod";
import { type NanoDollars, parseUsd } from "../platform/money.ts";
import type { ModelPrice, Rate } from "./domain/pricing.ts";
import listFile from "./listed-prices.json" with { type: "json" };

const LIST = "@pydantic/genai-prices 0.1.8";

/** Dollars for a million tokens; a tier holds for all tokens of a call whose input is longer than `start`. */
const ListedRate = z.union([
  z.number(),
  z.object({ base: z.number(), tiers: z.array(z.object({ start: z.number(), price: z.number() })) }),
]);
type ListedRate = z.infer<typeof ListedRate>;

const ListedPrice = z.object({
  input_mtok: ListedRate.optional(),
  cache_read_mtok: ListedRate.optional(),
  cache_write_mtok: ListedRate.optional(),
  output_mtok: ListedRate.optional(),
});
type ListedPrice = z.infer<typeof ListedPrice>;

const ConditionalPrice = z.object({
  constraint: z.looseObject({ type: z.string(), start_date: z.string().optional() }).optional(),
  prices: ListedPrice,
});
type ConditionalPrice = z.infer<typeof ConditionalPrice>;

const ListedModel = z.object({
  model: z.string(),
  context_window: z.int().optional(),
  prices: z.union([z.array(ConditionalPrice), ListedPrice]),
});
type ListedModel = z.infer<typeof ListedModel>;

/** List prices of the vendors that we know, by `provider:model`, as of `now`. Written down from a package that is twenty times as long. */
export function readListedPrices(now: Date): [string, ModelPrice][] {
  return z
    .array(ListedModel)
    .parse(listFile)
    .flatMap((listed): [string, ModelPrice][] => {
      const price = readListedPrice(listed, now);
      return price === undefined ? [] : [[listed.model, price]];
    });
}

/** Undefined for what we cannot bill by tokens alone: prices by the hour or by the time of day, or finer than nano-dollars. */
function readListedPrice({ prices, context_window }: ListedModel, now: Date): ModelPrice | undefined {
  const listed = Array.isArray(prices) ? findCurrent(prices, now) : prices;
  const input = readRate(listed?.input_mtok);
  if (listed === undefined || input === undefined) return undefined;
  return {
    input,
    cached_input: readRate(listed.cache_read_mtok) ?? input,
    cache_write: readRate(listed.cache_write_mtok) ?? input,
    output: readRate(listed.output_mtok),
    context_window: context_window ?? null,
    source: LIST,
  };
}

function findCurrent(prices: readonly ConditionalPrice[], now: Date): ListedPrice | undefined {
  if (prices.some((price) => price.constraint?.type === "time_of_date")) return undefined;
  return prices.findLast(({ constraint }) => constraint?.start_date === undefined || new Date(constraint.start_date) <= now)?.prices;
}

function readRate(listed: ListedRate | undefined): Rate | undefined {
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
