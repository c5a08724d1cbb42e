import type { Actor } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { type Change, changeRun, type RunScope } from "../commit/change-run.ts";
import type { RunDeps } from "../deps.ts";
import { change } from "../domain/board.ts";
import { readWatch } from "../sql/lock-run.ts";

/**
 * Changes a run by a person's word, as `changeRun` does. Its watchdog may sleep until its deadline, so the word begins a chain that is awake:
 * its message is sent before the commit. A crash after the commit then finds it, and without the commit it dies.
 * @throws AppError `not-found` when there is no such run, or none that `actor` may see; whatever `decide` throws: then nothing was changed
 */
export async function changeAwake<Answer>(
  deps: RunDeps,
  actor: Actor,
  runId: string,
  scope: RunScope,
  decide: Change<Answer>,
): Promise<Answer> {
  const watch = await deps.db.transact(actor, (db) => readWatch(db, runId, deps.now()));
  if (watch === undefined) throw notFound("The run");
  const comesAt = deps.now().getTime() + deps.watchdogSeconds * 1_000;
  await deps.outbox.sendWatchdog({ run_id: runId, seq: watch.seq + 1 }, deps.watchdogSeconds);
  const changed = await changeRun(deps, actor, runId, scope, async (board, run, db) => {
    const answer = await decide(board, run, db);
    const isNext = run.watchdog_seq === watch.seq;
    if (isNext) change(board, "runs", run).watchdog_seq += 1;
    return { answer, seq: run.watchdog_seq, isNext };
  });
  if (changed === undefined) throw notFound("The run");
  // The message came before the commit, maybe, and died; or somebody looked meanwhile, and went to sleep.
  if (!changed.isNext || deps.now().getTime() >= comesAt) await sendAgain(deps, runId, changed.seq);
  return changed.answer;
}

async function sendAgain(deps: RunDeps, runId: string, seq: number): Promise<void> {
  await deps.outbox.sendWatchdog({ run_id: runId, seq }, deps.watchdogSeconds).catch((error: unknown) => {
    deps.log("the watchdog of a run was not woken; it wakes by itself", { run_id: runId, error });
  });
}
