import { type ClaimAnswer, type ExtendAnswer, LedgerRequest } from "../../shared/effects/contract.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { openLedger } from "../../shared/orchestration/ledger/open-ledger.ts";
import { extendLeases } from "../../shared/orchestration/sql/claim-effects.ts";

/** Invoked by hands: a lease before every contact, and its extension while the contact lasts. */
export async function handler(event: unknown): Promise<ClaimAnswer | ExtendAnswer> {
  const request = LedgerRequest.parse(event);
  const deps = await openLedger();
  if (request.verb === "claim") return { claimed: await claimForHands(deps, request.effects) };
  const leases = await deps.db.transact({ role: "engine" }, (db) => extendLeases(db, request.leases, deps.leaseSeconds, deps.now()));
  return { leases };
}
