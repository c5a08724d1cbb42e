import type { EffectRow } from "./batch.ts";

/** However long a queue is, what was lost on the way to it is found within this. */
const LONGEST_PAUSE_SECONDS = 900;

/**
 * Whether the message of an effect that is still due has been on its way for so long that it may be lost. The first pause is `lookSeconds`,
 * and each send doubles it: a message that only waits in a backlog is not multiplied by every look of its watchdog. 0: whatever was sent is
 * lost.
 */
export function isSendOverdue(effect: Pick<EffectRow, "created_at" | "sent_at" | "sends">, now: string, lookSeconds: number): boolean {
  const pause = Math.min(lookSeconds * 2 ** (effect.sends - 1), Math.max(LONGEST_PAUSE_SECONDS, lookSeconds));
  return Date.parse(now) - Date.parse(effect.sent_at ?? effect.created_at) >= pause * 1_000;
}
