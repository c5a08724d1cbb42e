import type { PriceId } from "./price-table.ts";
import type { Thousandths } from "./quantity.ts";

/** So much of something that has a price. */
export type Charge = { readonly price: PriceId; readonly quantity: Thousandths /** Why so much. */; readonly why?: string };

/** As everybody reckons: a year's twelfth. */
export const HOURS_PER_MONTH = 730;
