import * as z from "zod";
import { JsonObject, JsonValue } from "../platform/json.ts";
import { EffectError, EffectKind, SafetyClass } from "./contracts/effect.ts";

// Everything here crosses a queue or an invoke between mind and hands.

/** What travels on an effect queue: ids only, never content. `try` counts the sends that a lease was or will be taken for. */
export const EffectMessage = z.strictObject({ effect_id: z.uuid(), try: z.int().min(1) });
export type EffectMessage = z.infer<typeof EffectMessage>;

/** What an LLM call consumed, as its provider counted it. */
export const TokenUsage = z.strictObject({
  model: z.string(),
  input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  cached_input_tokens: z.int().min(0).default(0),
  /** Part of the input that was written to the provider's cache, which some vendors bill above the input's price. */
  cache_write_input_tokens: z.exactOptional(z.int().min(0)),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

export const EffectOutcome = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("done"), result: JsonValue, usage: z.exactOptional(TokenUsage) }),
  z.strictObject({ status: z.literal("failed"), error: EffectError, usage: z.exactOptional(TokenUsage) }),
]);
export type EffectOutcome = z.infer<typeof EffectOutcome>;

/** What a hand reports on the results queue. Only the holder of the lease may report. */
export const EffectReport = z.strictObject({ effect_id: z.uuid(), lease_token: z.uuid(), outcome: EffectOutcome });
export type EffectReport = z.infer<typeof EffectReport>;

/** An effect that this hand, and no other, may now carry out until `lease_seconds` have passed without an extension. */
export const ClaimedEffect = z.strictObject({
  effect_id: z.uuid(),
  try: z.int().min(1),
  lease_token: z.uuid(),
  lease_seconds: z.number().positive(),
  kind: EffectKind,
  safety: SafetyClass,
  workspace_id: z.uuid(),
  run_id: z.uuid(),
  task_id: z.uuid(),
  /** The journaled request with its references replaced by what they point at. */
  request: JsonObject,
});
export type ClaimedEffect = z.infer<typeof ClaimedEffect>;

/** The mind function `ledger` answers these two. */
export const LedgerRequest = z.discriminatedUnion("verb", [
  z.strictObject({ verb: z.literal("claim"), effects: z.array(EffectMessage).min(1).max(100) }),
  z.strictObject({
    verb: z.literal("extend"),
    leases: z
      .array(z.strictObject({ effect_id: z.uuid(), lease_token: z.uuid() }))
      .min(1)
      .max(100),
  }),
]);
export type LedgerRequest = z.infer<typeof LedgerRequest>;

export const ClaimAnswer = z.strictObject({ claimed: z.array(ClaimedEffect) });
export type ClaimAnswer = z.infer<typeof ClaimAnswer>;

/** `stop` is true when the run was cancelled, the lease was lost, or nobody waits for the answer any more. */
export const ExtendAnswer = z.strictObject({ leases: z.array(z.strictObject({ effect_id: z.uuid(), stop: z.boolean() })) });
export type ExtendAnswer = z.infer<typeof ExtendAnswer>;
