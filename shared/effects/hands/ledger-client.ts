import type { JsonValue } from "../../platform/json.ts";
import { ClaimAnswer, type ClaimedEffect, type EffectMessage, ExtendAnswer, type LedgerRequest } from "../contract.ts";
import type { Lease } from "./extend-leases.ts";

export type LedgerClient = {
  claim: (effects: EffectMessage[]) => Promise<ClaimedEffect[]>;
  extend: (leases: Lease[]) => Promise<ExtendAnswer["leases"]>;
};

/** The mind function `ledger`, by invoke. Both verbs reject when it fails or answers in another form. */
export function createLedgerClient(invoke: (name: string, payload: JsonValue) => Promise<JsonValue>, functionName: string): LedgerClient {
  const ask = (request: LedgerRequest) => invoke(functionName, request);
  return {
    claim: async (effects) => ClaimAnswer.parse(await ask({ verb: "claim", effects })).claimed,
    extend: async (leases) => ExtendAnswer.parse(await ask({ verb: "extend", leases })).leases,
  };
}
