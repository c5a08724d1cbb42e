import * as z from "zod";
import { EffectMessage } from "../../effects/contract.ts";

/** EventBridge's word that an execution has ended in a way that runs no Catch: a timeout, a stop, or a failure of the machine itself. */
export const ExecutionEnded = z.object({
  source: z.literal("aws.states"),
  detail: z.object({
    name: z.string(),
    status: z.enum(["TIMED_OUT", "FAILED", "ABORTED"]),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});
export type ExecutionEnded = z.infer<typeof ExecutionEnded>;

/** What the state machine sends to `control` when it enters a callback state. */
export const PhaseMessage = z.object({
  kind: z.literal("phase"),
  phase: z.enum(["plan", "execute", "review", "summarize", "fail"]),
  run_id: z.uuid(),
  token: z.string().min(1).max(2_048),
  /** Only with phase `fail`: what the state machine caught. */
  error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }).optional(),
});
export type PhaseMessage = z.infer<typeof PhaseMessage>;

/** The one delayed message that an active run keeps to itself. */
export const WatchdogMessage = z.object({
  kind: z.literal("watchdog"),
  run_id: z.uuid(),
  seq: z.int(),
  wake_at: z.iso.datetime().optional(),
  token: z.string().max(2_048).optional(),
});
export type WatchdogMessage = z.infer<typeof WatchdogMessage>;

/** Everything that may stand on the `control` queue. Hands cannot write there: what they report is on `results`. */
export const ControlMessage = z.union([
  ExecutionEnded.transform((event) => ({ kind: "execution" as const, event })),
  z.discriminatedUnion("kind", [
    PhaseMessage,
    WatchdogMessage,
    z.object({ kind: z.literal("hint"), run_id: z.uuid() }),
    EffectMessage.extend({ kind: z.literal("effect") }),
  ]),
  // As it stood on the queue of its hands, which gave it up.
  EffectMessage.transform((message) => ({ kind: "undeliverable" as const, ...message })),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;
