import type { Intent } from "../../agents/domain/journal.ts";
import { hashJson } from "../../platform/hash.ts";
import type { JsonValue } from "../../platform/json.ts";
import { parseStorable } from "../../platform/storable-json.ts";
import type { ConductorDeps } from "../deps.ts";
import type { NewEffect, NewPayload } from "../domain/batch.ts";

/** Thrown where a call has no price and no cap: an effect that cannot be held cannot be made. */
export class UnpricedModel extends Error {
  override readonly name = "UnpricedModel";
  readonly model: string;
  constructor(model: string) {
    super(`no price is known for ${model}`);
    this.model = model;
  }
}

/**
 * `given` as JSON says it, without what is undefined. Made storable before it is hashed: a hash of what was never stored would prove nothing.
 */
export function draftPayload(deps: Pick<ConductorDeps, "newId">, given: object | JsonValue): NewPayload {
  const body = parseStorable(JSON.stringify(given));
  return { id: deps.newId(), sha256: hashJson(body), body };
}

/**
 * Gives an agent's intents their ids, their places in the journal from `firstSeq` on, and their worst cost in nano-dollars.
 * `inputBytes`: size of what the references of a call will be replaced by.
 * @throws UnpricedModel
 */
export function draftEffects(
  deps: Pick<ConductorDeps, "newId" | "prices" | "leaseSeconds" | "ownHand">,
  intents: readonly Intent[],
  firstSeq: number,
  inputBytes: number,
): NewEffect[] {
  return intents.map((intent, index) => ({
    id: deps.newId(),
    seq: firstSeq + index,
    kind: intent.kind,
    safety: intent.safety,
    request: draftPayload(deps, intent.request),
    worst_cost_nano: intent.kind === "llm" ? worstCost(deps, intent, inputBytes) : 0n,
    ...(deps.ownHand?.answers(intent.kind) === true ? { lease: { token: deps.newId(), seconds: deps.leaseSeconds } } : {}),
  }));
}

function worstCost(deps: Pick<ConductorDeps, "prices">, intent: Extract<Intent, { kind: "llm" }>, inputBytes: number): bigint {
  const cost = deps.prices.worstCase(intent.request, inputBytes);
  if (cost === null) throw new UnpricedModel(intent.request.model);
  return cost;
}
