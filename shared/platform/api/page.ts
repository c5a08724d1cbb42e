import * as z from "zod";

/** Whole numbers in a query string: digits only, so no "1e3" and no "". */
export function queryInteger(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(minimum).max(maximum));
}

/** The query fields of every list that goes on: `cursor` is the `next_cursor` of the page before. */
export const pageQuery = {
  limit: queryInteger(1, 100).default(20).describe("Items on a page"),
  cursor: z.string().min(1).max(1_000).optional().describe("next_cursor of the page before"),
};

/** A page of a list; `next_cursor` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });
}
