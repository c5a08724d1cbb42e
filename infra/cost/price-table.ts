import * as z from "zod";
import { type NanoDollars, parseUsd } from "../../shared/platform/money.ts";
import table from "./prices.json" with { type: "json" };
import type { Thousandths } from "./quantity.ts";

const Price = z.strictObject({
  what: z.string(),
  usd: z.string().transform((text) => parseUsd(text)),
  /** So many units cost that much: prices below a nano-dollar stay exact. */
  per: z.int().positive(),
  unit: z.string(),
  /** Units of each month that no account ever pays. */
  free_per_month: z.int().positive().optional(),
  source: z.string(),
  read_on: z.iso.date(),
  /** False where nobody looked it up this year. */
  is_confirmed: z.boolean(),
});
export type Price = z.infer<typeof Price>;

const PriceTable = z.strictObject({ region: z.string(), prices: z.record(z.string(), Price) });
export type PriceTable = z.infer<typeof PriceTable>;

export type PriceId = keyof (typeof table)["prices"];

export function loadPrices(): PriceTable {
  return PriceTable.parse(table);
}

/** @throws Error for a price that the table does not hold */
export function getPrice({ prices }: PriceTable, id: PriceId): Price {
  const price = prices[id];
  if (price === undefined) throw new Error(`prices.json has no ${id}`);
  return price;
}

/** What a quantity costs, rounded up to a nano-dollar once. */
export function priceOf({ usd, per }: Pick<Price, "usd" | "per">, quantity: Thousandths): NanoDollars {
  const divisor = BigInt(per) * 1_000n;
  return (usd * quantity + divisor - 1n) / divisor;
}
