import { changeRun } from "./change-run.ts";
import { commitBatch } from "./commit-batch.ts";
import type { WatchdogMessage } from "./control-message.ts";
import { decideStep } from "./decide-step.ts";
import type { ConductorDeps, WatchdogCall } from "./deps.ts";
import { PhaseDue } from "./domain/batch.ts";
import { endRun } from "./domain/end-run.ts";
import { healRun } from "./domain/heal-run.ts";
import { expireItems } from "./domain/inbox/expire-items.ts";
import { hasEnded } from "./domain/judge-steps.ts";
import { readContext } from "./read-context.ts";
import { raiseWatchdog, readWatch } from "./sql/lock-run.ts";
import { readIdleJournals } from "./sql/read-journals.ts";
import { listAgentsOfRun } from "./sql/read-pool.ts";
import { startExecutionOf } from "./start-execution.ts";
import { startBacklog, startFreed, startReady } from "./start-tasks.ts";
import { timeOutAttempts } from "./time-out-attempts.ts";

/** SQS keeps a message back no longer. */
const LONGEST_DELAY_SECONDS = 900;

/**
 * Looks after one run: repeats whatever is recorded as due and not done, and sends itself on while the run may need it. A message of an
 * older chain, a copy of one that has looked already, or that of a run which does not exist, dies here.
 */
export async function watchRun(deps: ConductorDeps, message: WatchdogMessage): Promise<void> {
  if (message.wake_at !== undefined && message.wake_at > deps.now().toISOString()) return sleepOn(deps, message, message.wake_at);
  const watch = await deps.db.transact({ role: "engine" }, (db) => readWatch(db, message.run_id, deps.now()));
  if (watch === undefined || watch.seq !== message.seq) return;
  // Stopped when it was cancelled; if that failed, nobody else would say it.
  if (watch.cancelled_execution !== null) await deps.outbox.stopExecution(watch.cancelled_execution, "cancelled");
  if (!watch.needed) return;
  const next = { run_id: message.run_id, seq: message.seq + 1, token: watch.phase_token ?? undefined };
  // Sent on before anything else: a watchdog that dies of its run would leave it alone. Until its number counts, this message does.
  if (watch.sleeps_until !== null) await sleepOn(deps, next, watch.sleeps_until);
  else await deps.outbox.sendWatchdog({ run_id: next.run_id, seq: next.seq }, secondsUntilNextLook(deps, watch.due_at));
  // Queues double messages: without a number for each look, each copy would go on for as long as the run does, and be doubled again.
  const isFirst = await deps.db.transact({ role: "engine" }, (db) => raiseWatchdog(db, message.run_id, message.seq));
  if (!isFirst || watch.sleeps_until !== null) return;
  await orNextTime(deps, message.run_id, async () => {
    if (watch.expired) await expireRun(deps, message.run_id);
    await repairRun(deps, message.run_id);
  });
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

/** Nothing to do before a person's word, or the deadline: the run costs a message now and then, and the database may go to sleep. */
async function sleepOn(deps: ConductorDeps, { run_id, seq, token }: WatchdogCall, wakeAt: string): Promise<void> {
  const seconds = Math.ceil((Date.parse(wakeAt) - deps.now().getTime()) / 1_000);
  await deps.outbox.sendWatchdog({ run_id, seq, wake_at: wakeAt, token }, Math.min(Math.max(seconds, 1), LONGEST_DELAY_SECONDS));
  if (token !== undefined) await orNextTime(deps, run_id, () => deps.outbox.heartbeatPhase(token));
}

/** Everything that a crash may have left undone in a run, done again. Safe at any time: each part is refused where it is not needed. */
export async function repairRun(deps: ConductorDeps, runId: string, lookSeconds = deps.watchdogSeconds): Promise<void> {
  const state = await changeRun(deps, { role: "engine" }, runId, "open", (board, run) => {
    healRun(board, run, lookSeconds);
    expireItems(board, run);
    return { ended: hasEnded(run), status: run.status, token: run.phase_token, due: PhaseDue.safeParse(run.phase_due).data };
  });
  if (state === undefined) return;
  if (state.status === "pending") await startExecutionOf(deps, runId, { role: "engine" });
  if (state.token !== null && state.due !== undefined) await deps.outbox.answerPhase(state.token, state.due);
  else if (state.token !== null && !state.ended) await deps.outbox.heartbeatPhase(state.token);
  if (state.ended) await startBacklog(deps, await deps.db.transact({ role: "engine" }, (db) => listAgentsOfRun(db, runId)));
  if (state.status !== "running") return;
  await timeOutAttempts(deps, runId);
  await moveIdleAttempts(deps, runId);
  await startReady(deps, [runId]);
}

/** Attempts that wait for nothing were stopped between two steps: by a crash, or by a budget that has since been raised. */
async function moveIdleAttempts(deps: ConductorDeps, runId: string): Promise<void> {
  const answer = await commitBatch(deps, async (db) => {
    const journals = await readIdleJournals(db, runId);
    const context = await readContext(deps, db, journals);
    const steps = journals.flatMap((journal) => {
      const step = decideStep(deps, journal, [], context);
      return step === undefined ? [] : [{ step, run_id: journal.run_id, task_id: journal.task_id }];
    });
    return { steps, starts: [] };
  });
  await startFreed(deps, answer);
}

async function expireRun(deps: ConductorDeps, runId: string): Promise<void> {
  await changeRun(deps, { role: "engine" }, runId, "open", (board, run) => {
    const error = { code: "deadline-exceeded", detail: "The run did not end before its deadline", retryable: false };
    if (!hasEnded(run)) endRun(board, run, { status: "failed", error });
  });
}
