import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";
import { PriceStatus } from "../../usage/contracts/price-status.ts";
import { ModelName } from "./model-name.ts";

/** A model as `GET /v1/ai/models` lists it. Prices are decimal dollars for a million tokens; null where nobody told us. */
export const ModelDescription = z.strictObject({
  id: ModelName,
  provider: z.string(),
  is_default: z.boolean(),
  /** False for the offline rules: they only carry out what a text says word for word. */
  generative: z.boolean(),
  context_window: z.int().nullable(),
  price_status: PriceStatus,
  prices: z
    .strictObject({ input_usd_per_million: z.string(), cached_input_usd_per_million: z.string(), output_usd_per_million: z.string() })
    .nullable(),
});
export type ModelDescription = z.infer<typeof ModelDescription>;

export const listModels = defineRoute({
  id: "list-models",
  method: "GET",
  path: "/v1/ai/models",
  zone: "mind",
  auth: "user",
  scopes: ["usage:read"],
  summary: "Models that agents can be given, with their prices",
  status: 200,
  response: z.strictObject({ models: z.array(ModelDescription) }),
});

export const modelRoutes = [listModels];
