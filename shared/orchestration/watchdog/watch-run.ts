import { changeRun } from "../commit/change-run.ts";
import { commitBatch, stepOf } from "../commit/commit-batch.ts";
import type { WatchdogMessage } from "../conductor/control-message.ts";
import { decideStep } from "../decide/decide-step.ts";
import { readContext } from "../decide/read-context.ts";
import type { ConductorDeps, WatchdogCall } from "../deps.ts";
import { PhaseDue } from "../domain/batch.ts";
import { endRun } from "../domain/end-run.ts";
import { healRun } from "../domain/heal-run.ts";
import { expireItems } from "../domain/inbox/expire-items.ts";
import { hasEnded } from "../domain/judge-steps.ts";
import { raiseWatchdog, readWatch, type Watch } from "../sql/lock-run.ts";
import { readIdleJournals } from "../sql/read-journals.ts";
import { listAgentsOfRun } from "../sql/read-pool.ts";
import { startBacklog, startFreed, startReady } from "../start/start-tasks.ts";
import { timeOutAttempts } from "./time-out-attempts.ts";

/** SQS keeps a message back no longer. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * A run that waits for a person is looked at this seldom. It was awoken meanwhile, maybe, and its new watchdog lost: then nobody misses that
 * one, because this one has kept the phase alive.
 */
const LONGEST_SLEEP_SECONDS = 4 * 3_600;

/**
 * Looks after one run: repeats whatever is recorded as due and not done, and sends itself on while the run may need it. A message of an
 * older chain, a copy of one that has looked already, or that of a run which does not exist, dies here.
 */
export async function watchRun(deps: ConductorDeps, message: WatchdogMessage): Promise<void> {
  const { wake_at } = message;
  if (wake_at !== undefined && wake_at > deps.now().toISOString() && (await sleepOn(deps, message, wake_at))) return;
  const watch = await deps.db.transact({ role: "engine" }, (db) => readWatch(db, message.run_id, deps.now()));
  if (watch === undefined) return;
  if (watch.ended) return closeRun(deps, message, watch);
  if (watch.seq === message.seq) return lookOnce(deps, message, watch);
  // One that slept takes over from the one that counts, if that should be awake: it may be lost, and if it is not it dies of this.
  // So does one whose number does not count yet: who sent it before the commit dies, or is held up for longer than the message was.
  const takesOver = (wake_at !== undefined || message.seq > watch.seq) && watch.needed && watch.sleeps_until === null;
  if (takesOver) await lookOnce(deps, { run_id: message.run_id, seq: watch.seq }, watch);
}

/**
 * A run that has ended is soon closed: when the last lease of what it had under way ends. Until then any message looks and goes on, whatever its
 * number, for no phase is left that would miss the one that counts if that were lost.
 */
async function closeRun(deps: ConductorDeps, { run_id, seq }: WatchdogMessage, watch: Watch): Promise<void> {
  const isStopped = watch.cancelled_execution === null || (await stopAgain(deps, run_id, watch.cancelled_execution));
  if (!watch.needed && (isStopped || watch.expired)) return;
  await deps.outbox.sendWatchdog({ run_id, seq }, deps.watchdogSeconds);
  await orNextTime(deps, run_id, () => repairRun(deps, run_id));
}

/** Sends the next look on, and looks, unless a copy of the message has. */
async function lookOnce(deps: ConductorDeps, { run_id, seq }: Pick<WatchdogMessage, "run_id" | "seq">, watch: Watch): Promise<void> {
  // Sent on before anything else: a watchdog that dies of its run would leave it alone. Until its number counts, this message does.
  const isKept = await sendNext(deps, { run_id, seq: seq + 1, token: watch.phase_token ?? undefined }, watch);
  // Queues double messages: without a number for each look, each copy would go on for as long as the run does, and be doubled again.
  const isFirst = await deps.db.transact({ role: "engine" }, (db) => raiseWatchdog(db, run_id, seq));
  if (!isFirst || isKept) return;
  await orNextTime(deps, run_id, async () => {
    if (watch.expired) await expireRun(deps, run_id);
    await repairRun(deps, run_id);
  });
}

/** True: the run sleeps, its phase is kept alive, and nothing else is to be done. */
async function sendNext(deps: ConductorDeps, next: WatchdogCall, { sleeps_until, due_at }: Watch): Promise<boolean> {
  if (sleeps_until !== null && (await sleepOn(deps, next, earliest(deps, sleeps_until)))) return true;
  await deps.outbox.sendWatchdog({ run_id: next.run_id, seq: next.seq }, secondsUntilNextLook(deps, due_at));
  return false;
}

/** It was stopped when its run was cancelled; if that failed, nobody else would say it. False: it has to be said once more. */
async function stopAgain(deps: ConductorDeps, runId: string, execution: string): Promise<boolean> {
  let isStopped = false;
  await orNextTime(deps, runId, async () => {
    await deps.outbox.stopExecution(execution, "cancelled");
    isStopped = true;
  });
  return isStopped;
}

function earliest(deps: ConductorDeps, wakeAt: string): string {
  const latest = new Date(deps.now().getTime() + LONGEST_SLEEP_SECONDS * 1_000).toISOString();
  return wakeAt < latest ? wakeAt : latest;
}

/** Looks after a run now, as its watchdog would, and from then on: if its watchdog lives, one of the two soon dies. */
export async function wakeWatchdog(deps: ConductorDeps, runId: string): Promise<void> {
  const watch = await deps.db.transact({ role: "engine" }, (db) => readWatch(db, runId, deps.now()));
  if (watch !== undefined) await watchRun(deps, { kind: "watchdog", run_id: runId, seq: watch.seq });
}

/** Once the next look is on the queue a failure must not bring this one back too: two chains would become four. */
async function orNextTime(deps: ConductorDeps, runId: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deps.log("a run could not be looked after; its watchdog looks again", { run_id: runId, error });
  }
}

function secondsUntilNextLook(deps: ConductorDeps, dueAt: string | null): number {
  if (dueAt === null) return deps.watchdogSeconds;
  return Math.min(deps.watchdogSeconds, Math.max(1, Math.ceil((Date.parse(dueAt) - deps.now().getTime()) / 1_000)));
}

/**
 * Nothing to do before a person's word, or the deadline: the run costs a message now and then, and the database may go to sleep. False: nobody
 * waits for its phase any more, so there is something to do, and nothing was sent.
 */
async function sleepOn(deps: ConductorDeps, { run_id, seq, token }: WatchdogCall, wakeAt: string): Promise<boolean> {
  let isWaitedFor = true;
  if (token !== undefined)
    await orNextTime(deps, run_id, async () => {
      isWaitedFor = await deps.outbox.heartbeatPhase(token);
    });
  if (!isWaitedFor) return false;
  const seconds = Math.ceil((Date.parse(wakeAt) - deps.now().getTime()) / 1_000);
  await deps.outbox.sendWatchdog({ run_id, seq, wake_at: wakeAt, token }, Math.min(Math.max(seconds, 1), LONGEST_DELAY_SECONDS));
  return true;
}

/** Everything that a crash may have left undone in a run, done again. Safe at any time: each part is refused where it is not needed. */
export async function repairRun(deps: ConductorDeps, runId: string, lookSeconds = deps.watchdogSeconds): Promise<void> {
  const state = await changeRun(deps, { role: "engine" }, runId, "open", (board, run) => {
    healRun(board, run, lookSeconds);
    expireItems(board, run);
    return { ended: hasEnded(run), status: run.status, token: run.phase_token, due: PhaseDue.safeParse(run.phase_due).data };
  });
  if (state === undefined) return;
  const isPending = state.status === "pending";
  const isForgotten = state.token !== null && !state.ended && !(await deps.outbox.heartbeatPhase(state.token));
  if (isPending || isForgotten) await (await import("./restore-execution.ts")).restoreExecution(deps, runId, isPending);
  if (state.token !== null && state.due !== undefined) await deps.outbox.answerPhase(state.token, state.due);
  if (state.ended) await startBacklog(deps, await deps.db.transact({ role: "engine" }, (db) => listAgentsOfRun(db, runId)));
  if (state.status !== "running") return;
  await timeOutAttempts(deps, runId);
  await moveIdleAttempts(deps, runId);
  await startReady(deps, [runId]);
}

/** Attempts that wait for nothing were stopped between two steps: by a crash, or by a budget that has since been raised. */
async function moveIdleAttempts(deps: ConductorDeps, runId: string): Promise<void> {
  const answer = await commitBatch(deps, {
    async steps(db) {
      const journals = await readIdleJournals(db, runId);
      const context = await readContext(deps, db, journals);
      return journals.flatMap((journal) => {
        const step = decideStep(deps, journal, [], context);
        return step === undefined ? [] : [stepOf(journal, step)];
      });
    },
  });
  await startFreed(deps, answer);
}

async function expireRun(deps: ConductorDeps, runId: string): Promise<void> {
  await changeRun(deps, { role: "engine" }, runId, "open", (board, run) => {
    const error = { code: "deadline-exceeded", detail: "The run did not end before its deadline", retryable: false };
    if (!hasEnded(run)) endRun(board, run, { status: "failed", error });
  });
}
