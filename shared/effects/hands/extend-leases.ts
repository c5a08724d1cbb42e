import { log } from "../../platform/log/logger.ts";
import type { ClaimedEffect, ExtendAnswer } from "../contract.ts";

export type Lease = Pick<ClaimedEffect, "effect_id" | "lease_token">;
export type Extend = (leases: Lease[]) => Promise<ExtendAnswer["leases"]>;

/** An effect that is claimed and not yet reported, and what stops it. */
export type InFlight = { readonly effect: ClaimedEffect; readonly stop: AbortController };

/** Extends the leases of all effects in flight by one call, and stops those that nobody waits for any more. */
export async function extendLeases(extend: Extend, inFlight: ReadonlySet<InFlight>): Promise<void> {
  const held = [...inFlight].filter(({ stop }) => !stop.signal.aborted);
  if (held.length === 0) return;
  try {
    const answers = await extend(held.map(({ effect: { effect_id, lease_token } }) => ({ effect_id, lease_token })));
    const stopped = new Set(answers.filter((lease) => lease.stop).map((lease) => lease.effect_id));
    for (const { effect, stop } of held) {
      if (stopped.has(effect.effect_id)) stop.abort(new Error("the ledger says stop"));
    }
  } catch (error) {
    // The lease outlasts several extensions; the next one may succeed.
    log.warn("leases could not be extended", { error, effects: held.length });
  }
}
