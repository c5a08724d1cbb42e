import { MAX_DETAIL } from "./contracts/effect.ts";

/** A reason as long as an EffectError holds it, never ending in half a character. One that is longer could be written, and never read again. */
export function cutDetail(text: string): string {
  if (text.length <= MAX_DETAIL) return text;
  return `${text.slice(0, MAX_DETAIL - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
