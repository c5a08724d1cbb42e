import type { ConductorDeps } from "../deps.ts";
import { takeOverRuns } from "../sql/executions.ts";
import { repairRun } from "./watch-run.ts";

/**
 * For a process whose queues and state machines died with the one before: every run that goes on gets its lost leases ended, its due
 * effects sent, its state machine started at its phase, and a watchdog of its own, which comes back to what could not be done now: no run may
 * keep a process from starting. On AWS queues outlive functions, and nobody calls this.
 */
export async function takeOver(deps: ConductorDeps): Promise<number> {
  const runs = await deps.db.transact({ role: "engine" }, (db) => takeOverRuns(db, deps.now()));
  for (const { watchdog_seq: seq, needs_machine: needsMachine, ...execution } of runs) {
    await deps.outbox.sendWatchdog({ run_id: execution.run_id, seq }, deps.watchdogSeconds);
    try {
      if (needsMachine) await deps.outbox.startExecution(execution);
      await repairRun(deps, execution.run_id, 0);
    } catch (error) {
      deps.log("a run could not be taken over; its watchdog will see to it", { run_id: execution.run_id, error });
    }
  }
  return runs.length;
}
