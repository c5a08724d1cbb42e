import * as z from "zod";
import { readWatch, type Watch } from "../../shared/orchestration/sql/lock-run.ts";
import type { Fault } from "./faults.ts";
import type { Message } from "./message.ts";
import { LATEST_SECONDS } from "./queue.ts";
import { type Simulation, WATCHDOG_SECONDS } from "./simulation.ts";

/** Seconds until a run with something open is looked at: its watchdog's, and what a message may be late. */
const SOON = WATCHDOG_SECONDS + LATEST_SECONDS;

/** Where a fault took the watchdog, an older one wakes after four hours at most, or nobody keeps the phase alive and it comes again (ADR 17). */
const AT_LAST = 4 * 3_600 + SOON;

/** What may lose a watchdog, or whoever was about to wake one. */
const COSTLY: readonly Fault[] = ["message lost", "send failed", "conductor killed", "person killed", "process and queues lost"];

/** Commits after which it is seen again who looks: after each it would take as long as everything else. */
const SEEN_EVERY = 10;

/**
 * A run that has something open, other than what a person is asked, is looked at soon: whoever works on it may be dead. Seen while nobody is at
 * work who might be about to send a watchdog. Who stands still does so after ten more commits, too, and when time is about to pass (`isStill`).
 */
export async function checkLooks(simulation: Simulation, isStill: boolean): Promise<void> {
  const { looks, workers, openTransactions, database, goals } = simulation;
  const isBusy = openTransactions.size > 0 || [...workers].some((worker) => !worker.name.startsWith("hand"));
  if (isBusy || looks.commits - looks.seen < (isStill ? 1 : SEEN_EVERY)) return;
  looks.seen = looks.commits;
  const now = new Date(simulation.clock.now());
  const watches = await database.transact({ role: "engine" }, async (db) => {
    const read: { runId: string; watch: Watch | undefined }[] = [];
    // One that is not posted yet, as far as its person knows, is posted again.
    for (const { runId, isPosted } of goals) if (isPosted) read.push({ runId, watch: await readWatch(db, runId, now) });
    return read;
  });
  for (const { runId, watch } of watches) if (watch !== undefined) judgeLook(simulation, runId, watch);
}

export function judgeLook(
  simulation: Pick<Simulation, "clock" | "queues" | "engine" | "faults" | "looks" | "checks">,
  runId: string,
  watch: Watch,
): void {
  const { clock, queues, engine, looks, checks } = simulation;
  const faults = COSTLY.reduce((sum, fault) => sum + (simulation.faults[fault] ?? 0), 0);
  const looksAt = listLooks(queues.control.messages, runId);
  const secondsUntil = (looks: typeof looksAt) => (Math.min(...looks.map(({ at }) => at), Infinity) - clock.now()) / 1_000;
  const seconds = secondsUntil(looksAt.filter(({ seq }) => watch.ended || seq === watch.seq));
  if (!watch.needed || seconds <= (watch.sleeps_until === null ? SOON : AT_LAST)) {
    looks.faults.set(runId, faults);
    return checks.check("looks", true, String);
  }
  const isLost = looks.faults.get(runId) !== faults;
  const isDriven = [...engine.executions.values()].some(({ name, status }) => name.startsWith(runId) && status === "RUNNING");
  checks.check("looks", isLost && (isDriven || secondsUntil(looksAt.filter(({ isAsleep }) => isAsleep)) <= AT_LAST), () =>
    [
      `run ${runId} has something open, and the next look at it is`,
      seconds === Infinity ? "never" : `in ${seconds} s`,
      isLost ? "after a fault" : "although nothing was lost",
    ].join(" "),
  );
}

/** The word of the bus that an execution has ended, which comes until it is taken. */
const ExecutionEnd = z.object({ detail: z.object({ name: z.string() }) });
const Watchdog = z.object({ kind: z.literal("watchdog"), run_id: z.string(), seq: z.int(), wake_at: z.string().optional() });

/** When each watchdog of the run looks: those that count, and those that slept and may take over. The end of its execution brings one. */
function listLooks(messages: readonly Message[], runId: string): { seq: number; isAsleep: boolean; at: number }[] {
  return messages.flatMap(({ body, visibleAt }) => {
    const message: unknown = JSON.parse(body);
    if (ExecutionEnd.safeParse(message).data?.detail.name.startsWith(runId) === true) return [{ seq: -1, isAsleep: true, at: visibleAt }];
    const { data } = Watchdog.safeParse(message);
    if (data?.run_id !== runId) return [];
    const { seq, wake_at } = data;
    return [{ seq, isAsleep: wake_at !== undefined, at: Math.max(visibleAt, Date.parse(wake_at ?? "") || 0) }];
  });
}
