import { sendMessages } from "../../platform/aws/send-messages.ts";
import type { Cache } from "../../platform/cache/cache.ts";
import type { Outbox } from "../deps.ts";
import { eventHintKey } from "../follow/event-hint.ts";
import { callStateMachine } from "./aws-state-machine.ts";

export type OutboxAddresses = { controlQueueUrl: string; llmQueueUrl: string; toolQueueUrl: string; stateMachineArn: string };

/** How long readers may rely on a hint about a run's newest event. */
const HINT_SECONDS = 3_600;

/** The outbox on SQS and Step Functions. Queues carry ids only; effect queues are fair between workspaces. */
export function createAwsOutbox(addresses: OutboxAddresses, openCache: () => Promise<Cache>): Outbox {
  const queueOf = (kind: string) => {
    if (kind === "llm" || kind === "embed") return addresses.llmQueueUrl;
    return kind === "tool" ? addresses.toolQueueUrl : addresses.controlQueueUrl;
  };
  return {
    async sendEffects(effects) {
      const byQueue = new Map<string, Parameters<typeof sendMessages>[1][number][]>();
      for (const { effect_id, try: attempt, kind, workspace_id } of effects) {
        const queue = queueOf(kind);
        const isControl = queue === addresses.controlQueueUrl;
        const body = isControl ? { kind: "effect", effect_id, try: attempt } : { effect_id, try: attempt };
        byQueue.set(queue, [...(byQueue.get(queue) ?? []), { body, groupId: workspace_id }]);
      }
      await Promise.all([...byQueue].map(([queue, messages]) => sendMessages(queue, messages)));
    },
    ...callStateMachine(addresses.stateMachineArn),
    async sendWatchdog({ run_id, seq, wake_at, token }, delaySeconds) {
      const asleep = { ...(wake_at === undefined ? {} : { wake_at }), ...(token === undefined ? {} : { token }) };
      await sendMessages(addresses.controlQueueUrl, [{ body: { kind: "watchdog", run_id, seq, ...asleep }, delaySeconds }]);
    },
    sendHint: (runId, delaySeconds = 0) =>
      sendMessages(addresses.controlQueueUrl, [{ body: { kind: "hint", run_id: runId }, ...(delaySeconds > 0 ? { delaySeconds } : {}) }]),
    async hintEvents(runs) {
      const cache = await openCache();
      await Promise.all(runs.map((run) => cache.raise(eventHintKey(run.run_id), run.event_seq, { ttlSeconds: HINT_SECONDS })));
    },
  };
}
