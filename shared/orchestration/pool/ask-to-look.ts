import type { Actor } from "../../platform/db/database.ts";
import type { RunDeps } from "../deps.ts";
import { listWaitingRuns } from "../sql/write-agents.ts";

/** Runs that are told of a change of the pool at once. The watchdogs of the others see it a little later. */
const MOST_RUNS = 50;

/** Lets the conductor look at the runs in which something waits, because the pool has changed. Lost, it is done by their watchdogs. */
export async function askToLook(deps: RunDeps, actor: Actor): Promise<void> {
  const runIds = await deps.db.transact(actor, (db) => listWaitingRuns(db, MOST_RUNS));
  await Promise.all(runIds.map((runId) => deps.outbox.sendHint(runId))).catch((error: unknown) => {
    deps.log("runs that wait were not told of a change of the pool; their watchdogs will see it", { error });
  });
}
