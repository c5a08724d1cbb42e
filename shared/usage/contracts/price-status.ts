import * as z from "zod";

/**
 * What a cost is worth: `priced` by a list price, `offline` (our own rules) and `local` (the person's own machine) cost nothing,
 * `unpriced` means that nobody told us the price: it is never shown or counted as zero.
 */
export const PriceStatus = z.enum(["priced", "offline", "local", "unpriced"]);
export type PriceStatus = z.infer<typeof PriceStatus>;
