import type { EffectReport } from "../../effects/contract.ts";
import type { EffectKind } from "../../effects/contracts/effect.ts";
import type { OwnHand } from "../deps.ts";
import type { ClaimedRow } from "../sql/claim-effects.ts";

export type OwnAnswers = Partial<Record<EffectKind, (effect: ClaimedRow) => Promise<EffectReport>>>;

/**
 * The hand of the conductor's own process. It answers each effect by itself and reports it at once, so one that takes long holds up no other.
 * What fails is logged and nothing more: the lease of the effect ends, and the watchdog sends it as any other whose hand was lost.
 */
export function createOwnHand(
  answers: OwnAnswers,
  takeIn: (reports: EffectReport[]) => Promise<unknown>,
  log: (message: string, fields: Record<string, unknown>) => void,
): OwnHand {
  const underWay = new Set<Promise<void>>();

  async function carryOut(effect: ClaimedRow): Promise<void> {
    try {
      const report = await answers[effect.kind]?.(effect);
      if (report !== undefined) await takeIn([report]);
    } catch (error) {
      log("an effect could not be answered here; its lease will end", { effect_id: effect.effect_id, error });
    }
  }

  return {
    answers: (kind) => answers[kind] !== undefined,
    take(effects) {
      for (const effect of effects) {
        const work = carryOut(effect).finally(() => underWay.delete(work));
        underWay.add(work);
      }
    },
    settled: async () => void (await Promise.all(underWay)),
  };
}
