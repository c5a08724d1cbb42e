import * as z from "zod";

/**
 * What a cost is worth: `priced` by a list price, `offline` (our own rules) and `local` (the person's own machine) cost nothing,
 * `unpriced` means that nobody told us the price: it is never shown or counted as zero.
 */
export const PriceStatus = z.enum(["priced", "offline", "local", "unpriced"]);
export type PriceStatus = z.infer<typeof PriceStatus>;

/** What one model consumed, as the API and the command line show it. */
export const UsageRow = z.strictObject({
  model: z.string(),
  calls: z.int().min(0),
  /** Includes tokens read from the provider's cache. */
  input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  /** Exact decimal dollars; null when the price is unknown. */
  cost_usd: z.string().nullable(),
  price_status: PriceStatus,
});
export type UsageRow = z.infer<typeof UsageRow>;
