import * as z from "zod";
import { defineRoute } from "../platform/api/route.ts";
import { PriceStatus } from "./contracts/price-status.ts";

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

export const getUsage = defineRoute({
  id: "get-usage",
  method: "GET",
  path: "/v1/ai/usage",
  zone: "mind",
  auth: "user",
  scopes: ["usage:read"],
  summary: "What the workspace's models consumed and cost, by model",
  query: z.strictObject({
    from: z.iso.datetime({ offset: true }).optional().describe("Calls answered at or after this time"),
    to: z.iso.datetime({ offset: true }).optional().describe("Calls answered before this time"),
  }),
  status: 200,
  response: z.strictObject({ usage: z.array(UsageRow) }),
});

export const usageRoutes = [getUsage];
