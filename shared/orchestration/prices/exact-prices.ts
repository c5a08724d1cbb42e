import type { LlmRequest } from "../../llm/contract.ts";
import { estimateCall } from "../../llm/estimate-call.ts";
import { describeTool } from "../../tools/describe-tool.ts";
import { findFreeStatus, type PriceTable, priceWorstCase } from "../../usage/domain/pricing.ts";
import type { Prices } from "../deps.ts";
import { chargeTokens } from "./charge-tokens.ts";

/**
 * Prices for holds and bills from one table. The input of a worst case is guessed from above: the rendered prompt, and one token for each
 * byte and a half of what its references will bring.
 */
export function createPrices(table: PriceTable): Prices {
  return {
    worstCase(request, inputBytes) {
      if (findFreeStatus(request.model) !== undefined) return 0n;
      const inputs = estimateCall(withoutReferences(request), describeTool).input_tokens + Math.ceil(inputBytes / 1.5);
      const pricing = priceWorstCase(table, request.model, inputs, request.max_output_tokens);
      return pricing.status === "unpriced" ? null : pricing.cost;
    },
    charge: (model, usage) => chargeTokens(table, model, usage),
  };
}

function withoutReferences(request: LlmRequest): Parameters<typeof estimateCall>[0] {
  const corrections = request.turns.flatMap((turn) =>
    "correction" in turn ? [{ kind: "correction" as const, text: turn.correction }] : [],
  );
  return { ...request, inputs: [], turns: corrections };
}
