import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { log, withLogContext } from "../../platform/log/logger.ts";
import type { ClaimedEffect, EffectMessage, EffectOutcome, EffectReport } from "../contract.ts";
import { type Extend, extendLeases, type InFlight } from "./extend-leases.ts";
import { explainError, toReport } from "./judge-outcome.ts";
import { type ReceivedMessage, readMessages } from "./read-messages.ts";

/** The SDK has its own retries, with pauses; these come on top. */
const REPORT_TRIES = 3;

export type EffectWorkerDeps = {
  /** The effects of these messages that this hand, and no other, may carry out now. */
  claim: (messages: EffectMessage[]) => Promise<ClaimedEffect[]>;
  extend: Extend;
  report: (report: EffectReport) => Promise<void>;
  /** Does the work. May throw an AppError, which is reported as it says. Has to settle soon after `signal` aborts. */
  carryOut: (effect: ClaimedEffect, signal: AbortSignal) => Promise<EffectOutcome>;
  extendEverySeconds: number;
  /** Effects of one batch that are carried out at the same time. */
  concurrency: number;
  /** Calls `tick` every so many seconds until the function that it returns is called. */
  repeat?: (seconds: number, tick: () => void) => () => void;
};

/**
 * The loop that every hand shares: claim the batch by one call, carry out what was claimed, extend all leases meanwhile, and report each
 * outcome as soon as it is there. An effect that was not claimed is somebody else's or nobody's any more: its message is done. Only a
 * failed claim brings a message back, because nothing was begun; after too many of those it is given up, and the effect fails.
 */
export function createEffectWorker(deps: EffectWorkerDeps): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const received = readMessages(event);
    if (received.length === 0) return { batchItemFailures: [] };
    const { claimed, failed } = await claimAll(deps, received);
    await carryOutAll(deps, claimed);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

type Claims = { claimed: ClaimedEffect[]; failed: ReceivedMessage[] };

/** Claims a batch; if that fails each half by itself, so that one effect that nobody can claim stops no other. */
async function claimAll(deps: EffectWorkerDeps, received: readonly ReceivedMessage[]): Promise<Claims> {
  try {
    return { claimed: await deps.claim(received.map(({ message }) => message)), failed: [] };
  } catch (error) {
    log.error("effects could not be claimed", { error, messages: received.length });
    if (received.length === 1) return { claimed: [], failed: [...received] };
  }
  const middle = Math.ceil(received.length / 2);
  const first = await claimAll(deps, received.slice(0, middle));
  const second = await claimAll(deps, received.slice(middle));
  return { claimed: [...first.claimed, ...second.claimed], failed: [...first.failed, ...second.failed] };
}

async function carryOutAll(deps: EffectWorkerDeps, claimed: readonly ClaimedEffect[]): Promise<void> {
  const inFlight = new Set(claimed.map((effect): InFlight => ({ effect, stop: new AbortController() })));
  const stopExtending = (deps.repeat ?? repeatEvery)(deps.extendEverySeconds, () => void extendLeases(deps.extend, inFlight));
  const waiting = [...inFlight];
  const workOff = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await carryOutOne(deps, next);
      inFlight.delete(next);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(deps.concurrency, waiting.length) }, workOff));
  } finally {
    stopExtending();
  }
}

function carryOutOne(deps: EffectWorkerDeps, { effect, stop }: InFlight): Promise<void> {
  return withLogContext({ effectId: effect.effect_id, runId: effect.run_id, taskId: effect.task_id }, async () => {
    await send(deps, toReport(effect, await obtainOutcome(deps, effect, stop.signal)));
  });
}

/** A report that cannot be sent is left to the lease: bringing the message back would not help, the effect is claimed. */
async function send(deps: EffectWorkerDeps, report: EffectReport): Promise<void> {
  for (let attempt = 1; attempt <= REPORT_TRIES; attempt += 1) {
    try {
      await deps.report(report);
      return;
    } catch (error) {
      log.error("an outcome could not be reported", { error, attempt });
    }
  }
}

async function obtainOutcome(deps: EffectWorkerDeps, effect: ClaimedEffect, signal: AbortSignal): Promise<EffectOutcome> {
  try {
    signal.throwIfAborted();
    return await deps.carryOut(effect, signal);
  } catch (error) {
    return explainError(error, signal.aborted);
  }
}

function repeatEvery(seconds: number, tick: () => void): () => void {
  const timer = setInterval(tick, seconds * 1_000);
  return () => clearInterval(timer);
}
