import type { EffectMessage, EffectReport } from "../../effects/contract.ts";
import type { ConductorDeps } from "../deps.ts";
import { claimEffects } from "../sql/claim-effects.ts";

const detail = "No hand could take this over: its message was received too often and never finished";

/**
 * Takes effects out of the hands of nobody: what is still due under the try of a message that was given up is claimed by the conductor,
 * which reports it as failed, so that its attempt goes on by its policy and its run does not wait for ever. An effect that somebody has
 * claimed since, or that was sent again under another try, is left to whoever holds it.
 */
export async function failUndeliverable(deps: ConductorDeps, messages: readonly EffectMessage[]): Promise<EffectReport[]> {
  const claimed = await deps.db.transact({ role: "engine" }, (db) => claimEffects(db, messages, deps.leaseSeconds, deps.now()));
  return claimed.map(({ effect_id, lease_token, run_id }) => {
    deps.log("an effect could not be delivered and has failed", { effect_id, run_id });
    return { effect_id, lease_token, outcome: { status: "failed", error: { code: "undeliverable", detail, retryable: true } } };
  });
}
