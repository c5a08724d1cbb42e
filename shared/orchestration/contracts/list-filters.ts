import * as z from "zod";

const Moment = z.iso.datetime({ offset: true, error: "a time with its offset, such as 2026-01-31T12:00:00Z" });

/** What lists of runs and tasks can be narrowed by, besides what is their own. */
export const listFilters = {
  query: z.string().trim().min(1).max(200).optional().describe("a text that stands in its words, in any case"),
  created_after: Moment.optional().describe("created at this time or later"),
  created_before: Moment.optional().describe("created before this time"),
};

type CreatedRange = { created_after?: string | undefined; created_before?: string | undefined };

/** A range that nothing can lie in is a mistake, not an empty list. */
export function isRange({ created_after: after, created_before: before }: CreatedRange): boolean {
  return after === undefined || before === undefined || Date.parse(after) < Date.parse(before);
}

export const notARange = { path: ["created_before"], error: "must be later than created_after" };
