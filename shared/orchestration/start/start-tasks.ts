import type { Queryable } from "../../platform/db/database.ts";
import { type BatchAnswer, commitBatch } from "../commit/commit-batch.ts";
import { draftStart } from "../decide/draft-start.ts";
import type { ConductorDeps } from "../deps.ts";
import type { StartVerdict } from "../domain/batch.ts";
import { wantsAnother } from "../pool/wants-another.ts";
import { learnPricesOfTasks } from "../prices/learn-prices.ts";
import { MAX_STARTS, readBacklogOfAgents, readReadyOfRuns, readStartable, type StartableTask } from "../sql/read-startable.ts";

/** Begins these tasks if they are still ready and there is room and money. */
export async function startTasks(deps: ConductorDeps, taskIds: readonly string[]): Promise<void> {
  if (taskIds.length > 0) await startInShares(deps, (db) => readStartable(db, taskIds, deps.now()));
}

/** Begins what is ready in runs: after a phase has begun, and whenever the watchdog looks. */
export async function startReady(deps: ConductorDeps, runIds: readonly string[]): Promise<void> {
  if (runIds.length > 0) await startInShares(deps, (db) => readReadyOfRuns(db, runIds, deps.now()));
}

async function startInShares(deps: ConductorDeps, read: (db: Queryable) => Promise<StartableTask[]>): Promise<void> {
  for (;;) {
    const verdicts = await startAll(deps, read);
    // What is refused waits for room or money; an agent that is not full would send no signal to what is left.
    if (verdicts.length < MAX_STARTS || !verdicts.includes("ok")) return;
  }
}

/** Begins what waited for room on agents that have some now, in whichever run it waits. */
export async function startBacklog(deps: ConductorDeps, agentIds: readonly string[]): Promise<void> {
  if (agentIds.length === 0) return;
  // Until nobody waits or nobody gets in: others begin tasks and free room meanwhile, and an agent that is not full sends no signal.
  for (;;) {
    const agents = agentIds.map((agent_id) => ({ agent_id, leaving: 0 }));
    const verdicts = await startAll(deps, (db) => readBacklogOfAgents(db, agents, deps.now()));
    if (!verdicts.some((verdict) => verdict === "ok" || verdict === "not-ready")) return;
  }
}

/** Begins what waited for the room that a batch left: on agents, and in workspaces in which too much ran for anything more. */
export async function startFreed(
  deps: ConductorDeps,
  { freed, freedWorkspaces }: Pick<BatchAnswer, "freed" | "freedWorkspaces">,
): Promise<void> {
  if (freedWorkspaces.length === 0) return startBacklog(deps, freed);
  const { listAgentsOfWorkspaces } = await import("../sql/read-pool.ts");
  const agents = await deps.db.transact({ role: "engine" }, (db) => listAgentsOfWorkspaces(db, freedWorkspaces));
  await startBacklog(deps, [...new Set([...freed, ...agents])]);
}

/**
 * Begins what `read` finds, one verdict for each. Most tasks stay where they are; what finds other agents for those that had better not is
 * loaded by the first of them.
 */
async function startAll(deps: ConductorDeps, read: (db: Queryable) => Promise<StartableTask[]>): Promise<StartVerdict[]> {
  let wanting: StartableTask[] = [];
  const answer = await commitBatch(deps, {
    async starts(db) {
      const now = deps.now().toISOString();
      const tasks = await read(db);
      wanting = tasks.filter((task) => wantsAnother(task, now));
      const staying = tasks.filter((task) => !wanting.includes(task));
      await learnPricesOfTasks(deps, staying);
      return staying.map((task) => ({ start: draftStart(deps, task), run_id: task.run_id }));
    },
  });
  return wanting.length === 0
    ? answer.starts
    : [...answer.starts, ...(await (await import("../pool/start-elsewhere.ts")).startElsewhere(deps, wanting))];
}
