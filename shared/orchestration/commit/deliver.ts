import type { RunDeps } from "../deps.ts";
import { PhaseDue } from "../domain/batch.ts";
import type { Board } from "../domain/board.ts";
import { listNextLooks } from "../domain/next-look.ts";

/**
 * Hands over what a committed batch created: effects to their queues, answers to the phases that wait, a hint to readers of the log.
 * The rows are their own outbox: what a crash or a failed send loses here, the watchdog sends again, so a failure is logged, not thrown.
 */
export async function deliver(deps: RunDeps, board: Board): Promise<void> {
  const effects = [
    ...board.inserts.effects
      .filter(isDue)
      .map((effect) => ({ effect_id: effect.id, try: 1, kind: effect.kind, workspace_id: effect.workspace_id })),
    ...resendsOf(board),
  ];
  const phases = [...board.touched.runs].flatMap((id) => {
    const run = board.runs.get(id);
    const due = PhaseDue.safeParse(run?.phase_due).data;
    return run === undefined || run.phase_token === null || due === undefined ? [] : [{ token: run.phase_token, due }];
  });
  const hints = [...board.facts].map(([runId, facts]) => ({
    run_id: runId,
    event_seq: (board.runs.get(runId)?.event_seq ?? 0) + facts.length,
  }));
  // What comes later than the watchdog looks is left to it: it looks in time.
  const looks = listNextLooks(board).flatMap(({ run_id, at }) => {
    const seconds = Math.max(1, Math.ceil((Date.parse(at) - Date.parse(board.now)) / 1_000));
    return seconds <= deps.watchdogSeconds ? [{ run_id, seconds }] : [];
  });
  // A hand of theirs may be dead. Their watchdog may be lost, and with the last phase over nobody misses it any more: two go on. Who cancels sends one.
  const ended = [...board.touched.runs].flatMap((id) => {
    const run = board.runs.get(id);
    return run?.finished_at === board.now && run.status !== "cancelled" ? [{ run_id: id, seq: run.watchdog_seq }] : [];
  });
  const sends = [
    ...ended.map((call) => deps.outbox.sendWatchdog(call, deps.watchdogSeconds)),
    ...looks.map(({ run_id, seconds }) => deps.outbox.sendHint(run_id, seconds)),
    ...(effects.length > 0 ? [deps.outbox.sendEffects(effects)] : []),
    ...phases.map(({ token, due }) => deps.outbox.answerPhase(token, due)),
    ...(hints.length > 0 ? [deps.outbox.hintEvents(hints)] : []),
  ];
  for (const outcome of await Promise.allSettled(sends)) {
    if (outcome.status === "rejected")
      deps.log("a committed effect could not be handed over; the watchdog will", { error: String(outcome.reason) });
  }
}

/** Of the others, some were created under the lease of this process, and some wait for a person. */
function isDue(effect: Board["inserts"]["effects"][number]): boolean {
  return effect.state === "due";
}

function resendsOf(board: Board): { effect_id: string; try: number; kind: string; workspace_id: string }[] {
  return [...board.resends].flatMap((id) => {
    const effect = board.effects.get(id);
    const run = effect === undefined ? undefined : board.runs.get(effect.run_id);
    return effect === undefined || run === undefined
      ? []
      : [{ effect_id: id, try: effect.try, kind: effect.kind, workspace_id: run.workspace_id }];
  });
}
