import * as z from "zod";

/**
 * The envelope of an effect: one intended contact of an attempt with anything outside its journal. Written before it happens,
 * answered exactly once.
 */
export const EffectKind = z.enum(["llm", "embed", "tool", "recall", "timer", "question"]);
export type EffectKind = z.infer<typeof EffectKind>;

/** `repeatable` may be sent again after its lease ended; `once` changes the world and is never sent twice without a person's word. */
export const SafetyClass = z.enum(["repeatable", "once"]);
export type SafetyClass = z.infer<typeof SafetyClass>;

export const EffectState = z.enum(["due", "running", "done", "failed", "unknown", "late", "cancelled", "parked"]);
export type EffectState = z.infer<typeof EffectState>;

/** Characters of a reason that are kept. */
export const MAX_DETAIL = 4_000;

/** Why an effect failed. `code` is one of ours or of a tool; `detail` is safe to show to the person and to the model. */
export const EffectError = z.strictObject({
  code: z.string().min(1).max(100),
  detail: z.string().max(MAX_DETAIL),
  retryable: z.boolean(),
});
export type EffectError = z.infer<typeof EffectError>;
