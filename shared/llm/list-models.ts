import { formatUsd } from "../platform/money.ts";
import { findFreeStatus, findPrice, type PriceTable } from "../usage/domain/pricing.ts";
import type { ModelName } from "./contracts/model-name.ts";
import type { ModelDescription } from "./contracts/models.ts";
import { isGenerative, OFFLINE_MODEL, OPENAI_MODELS, splitModelName } from "./domain/capabilities.ts";

/**
 * The models that can be named here, the default first: it, OpenAI's where calls go to OpenAI itself (`openai: "vendor"`), and the offline
 * rules. A compatible server's other models are its own business. From configuration alone: no network.
 */
export function listModels(
  settings: { defaultModel: ModelName; openai: "vendor" | "compatible" | "absent" },
  prices: PriceTable,
): ModelDescription[] {
  const vendor = settings.openai === "vendor" ? OPENAI_MODELS : [];
  const models = new Set<ModelName>([settings.defaultModel, ...vendor, OFFLINE_MODEL]);
  return [...models].map((model) => describeModel(model, model === settings.defaultModel, prices));
}

function describeModel(id: ModelName, isDefault: boolean, table: PriceTable): ModelDescription {
  const free = findFreeStatus(id);
  const price = free === undefined ? findPrice(table, id) : undefined;
  return {
    id,
    provider: splitModelName(id).provider,
    is_default: isDefault,
    generative: isGenerative(id),
    context_window: price?.context_window ?? null,
    price_status: free ?? (price === undefined ? "unpriced" : "priced"),
    prices:
      price?.output === undefined
        ? null
        : {
            input_usd_per_million: formatUsd(price.input.base),
            cached_input_usd_per_million: formatUsd(price.cached_input.base),
            output_usd_per_million: formatUsd(price.output.base),
          },
  };
}
