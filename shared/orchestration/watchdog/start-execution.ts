import type { Actor } from "../../platform/db/database.ts";
import type { RunDeps } from "../deps.ts";
import { readExecution } from "../sql/executions.ts";

/** Starts the state machine of a run at its phase. The name makes it idempotent: a second start of an open execution changes nothing. */
export async function startExecutionOf(deps: RunDeps, runId: string, actor: Actor): Promise<void> {
  const execution = await deps.db.transact(actor, (db) => readExecution(db, runId, deps.now()));
  if (execution !== undefined) await deps.outbox.startExecution(execution);
}
