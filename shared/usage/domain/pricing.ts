import type { TokenUsage } from "../../effects/contract.ts";
import type { NanoDollars } from "../../platform/money.ts";

/** Nano-dollars for a million tokens. A tier holds for all tokens of a call whose input is longer than `above` tokens. */
export type Rate = { readonly base: NanoDollars; readonly tiers: readonly { readonly above: number; readonly rate: NanoDollars }[] };

export type ModelPrice = {
  readonly input: Rate;
  /** Input read from, and written to, the provider's cache. */
  readonly cached_input: Rate;
  readonly cache_write: Rate;
  /** Undefined for a model that puts nothing out, such as an embedder. */
  readonly output: Rate | undefined;
  readonly context_window: number | null;
  /** Where the price was read, and when. */
  readonly source: string;
};

/** By `provider:model`. */
export type PriceTable = ReadonlyMap<string, ModelPrice>;

/** The rates that a call was priced at, in nano-dollars for a million tokens. */
export type UnitPrices = { input: NanoDollars; cached_input: NanoDollars; cache_write: NanoDollars; output: NanoDollars };

export type Pricing =
  | { status: "priced"; cost: NanoDollars; source: string; unit_prices: UnitPrices }
  | { status: "offline" | "local"; cost: 0n }
  | { status: "unpriced" };

const FREE: Readonly<Record<string, "offline" | "local">> = { offline: "offline", ollama: "local", local: "local" };

const MILLION = 1_000_000n;

/** The cost of what a provider counted, in nano-dollars; a fraction of one is rounded up. `model` is `provider:model`. */
export function priceTokens(table: PriceTable, model: string, usage: TokenUsage): Pricing {
  const free = findFreeStatus(model);
  if (free !== undefined) return { status: free, cost: 0n };
  const price = findPrice(table, model);
  if (price === undefined || (price.output === undefined && usage.output_tokens > 0)) return { status: "unpriced" };
  const unit_prices = pickRates(price, usage.input_tokens);
  const cached = Math.min(usage.cached_input_tokens, usage.input_tokens);
  const written = Math.min(usage.cache_write_input_tokens ?? 0, usage.input_tokens - cached);
  const amounts = [
    BigInt(usage.input_tokens - cached - written) * unit_prices.input,
    BigInt(cached) * unit_prices.cached_input,
    BigInt(written) * unit_prices.cache_write,
    BigInt(usage.output_tokens) * unit_prices.output,
  ];
  return { status: "priced", cost: sumOfMillionths(amounts), source: price.source, unit_prices };
}

/**
 * What a call may cost at most, for its hold: no input comes from the cache, each is billed at the dearest way in, and all output is used.
 * `inputTokens` is an upper guess.
 */
export function priceWorstCase(table: PriceTable, model: string, inputTokens: number, maxOutputTokens: number): Pricing {
  const free = findFreeStatus(model);
  if (free !== undefined) return { status: free, cost: 0n };
  const price = findPrice(table, model);
  if (price === undefined || (price.output === undefined && maxOutputTokens > 0)) return { status: "unpriced" };
  const unit_prices = pickRates(price, inputTokens);
  const dearest = [unit_prices.cached_input, unit_prices.cache_write].reduce(
    (most, rate) => (rate > most ? rate : most),
    unit_prices.input,
  );
  const cost = sumOfMillionths([BigInt(inputTokens) * dearest, BigInt(maxOutputTokens) * unit_prices.output]);
  return { status: "priced", cost, source: price.source, unit_prices };
}

/** Whether calls of this model cost nothing by their nature. */
export function findFreeStatus(model: string): "offline" | "local" | undefined {
  const provider = model.slice(0, Math.max(0, model.indexOf(":")));
  return Object.hasOwn(FREE, provider) ? FREE[provider] : undefined;
}

/**
 * The price of exactly this model: listed under its name, under its name without the date of its snapshot, or under its name with the only
 * date that is listed. A model that merely begins alike is another model with another price.
 */
export function findPrice(table: PriceTable, model: string): ModelPrice | undefined {
  const listed = table.get(model) ?? table.get(model.replace(SNAPSHOT_DATE, ""));
  if (listed !== undefined) return listed;
  const snapshots = [...table].filter(([name]) => name !== model && name.replace(SNAPSHOT_DATE, "") === model);
  const [only, ...more] = snapshots;
  return more.length === 0 ? only?.[1] : undefined;
}

const SNAPSHOT_DATE = /-20\d{2}(?:-\d{2}-\d{2}|\d{4})$/;

function pickRates(price: ModelPrice, inputTokens: number): UnitPrices {
  return {
    input: pickRate(price.input, inputTokens),
    cached_input: pickRate(price.cached_input, inputTokens),
    cache_write: pickRate(price.cache_write, inputTokens),
    output: price.output === undefined ? 0n : pickRate(price.output, inputTokens),
  };
}

function pickRate(rate: Rate, inputTokens: number): NanoDollars {
  return rate.tiers.filter((tier) => inputTokens > tier.above).toSorted((a, b) => b.above - a.above)[0]?.rate ?? rate.base;
}

function sumOfMillionths(amounts: readonly bigint[]): NanoDollars {
  const sum = amounts.reduce((total, amount) => total + amount, 0n);
  return (sum + MILLION - 1n) / MILLION;
}
