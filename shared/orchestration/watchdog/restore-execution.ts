import { processExecution } from "../conductor/process-execution.ts";
import type { ConductorDeps } from "../deps.ts";
import { raiseExecution, readExecution } from "../sql/executions.ts";

/**
 * For a run whose phase nobody waits for. One whose execution goes on was only driven again: its message is on its way. One whose execution
 * ended in a way that fails it fails as if the event had not been lost. Where there is no execution any more, or never was, one is started at
 * the phase of the run: under the next number, because the old name may be refused.
 */
export async function restoreExecution(deps: ConductorDeps, runId: string, isPending: boolean): Promise<void> {
  const execution = await deps.db.transact({ role: "engine" }, (db) => readExecution(db, runId, deps.now()));
  if (execution === undefined) return;
  const found = await deps.outbox.findExecution(execution.name);
  if (found?.status === "RUNNING") return;
  if (found !== undefined && found.status !== "SUCCEEDED") {
    const { status, error, cause } = found;
    await processExecution(deps, { source: "aws.states", detail: { name: execution.name, status, error, cause } });
    return;
  }
  if (found === undefined && isPending) {
    await deps.outbox.startExecution(execution);
    return;
  }
  const next = await deps.db.transact({ role: "engine" }, (db) => raiseExecution(db, runId, execution.name, deps.now()));
  if (next === undefined) return;
  deps.log("the execution of a run was lost; another goes on at its phase", { run_id: runId, lost: execution.name, next: next.name });
  await deps.outbox.startExecution(next);
}
