import { RE2JS, RE2JSException } from "re2js";

/** Characters of a pattern. */
const MAX_PATTERN_LENGTH = 1_000;
/** Characters of a text times instructions of a pattern: what one match may cost at most. */
const MAX_STEPS = 20_000_000;

export type Pattern = RE2JS;

/**
 * Compiles a regular expression of RE2: as JavaScript writes them, but for references back and looking around, which need backtracking. What
 * is left is matched in a time that grows with the text alone, whoever wrote the pattern. A fault is a sentence.
 */
export function parsePattern(source: string): { ok: true; pattern: Pattern } | { ok: false; fault: string } {
  if (source.length > MAX_PATTERN_LENGTH) return { ok: false, fault: `a pattern has at most ${MAX_PATTERN_LENGTH} characters` };
  try {
    return { ok: true, pattern: RE2JS.compile(source) };
  } catch (error) {
    if (error instanceof RE2JSException) return { ok: false, fault: error.message.replace(/^error parsing regexp: /, "").slice(0, 200) };
    throw error;
  }
}

/** Whether a pattern is found anywhere in a text; `too-long` when looking for it would cost more than it may. */
export function matchPattern(pattern: Pattern, text: string): "found" | "absent" | "too-long" {
  if (text.length * pattern.programSize() > MAX_STEPS) return "too-long";
  return pattern.matcher(text).find() ? "found" : "absent";
}
