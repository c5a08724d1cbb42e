import type { ConductorDeps } from "./deps.ts";
import { takeOverRuns } from "./sql/executions.ts";
import { repairRun } from "./watch-run.ts";

/**
 * For a process whose queues and state machines died with the one before: every run that goes on gets its lost leases ended, its due
 * effects sent, its state machine started at its phase, and a watchdog of its own. On AWS queues outlive functions, and nobody calls this.
 */
export async function takeOver(deps: ConductorDeps): Promise<number> {
  const runs = await deps.db.transact({ role: "engine" }, (db) => takeOverRuns(db, deps.now()));
  for (const { watchdog_seq: seq, is_open: isOpen, ...execution } of runs) {
    await deps.outbox.sendWatchdog({ run_id: execution.run_id, seq }, deps.watchdogSeconds);
    if (isOpen) await deps.outbox.startExecution(execution);
    await repairRun(deps, execution.run_id);
  }
  return runs.length;
}
