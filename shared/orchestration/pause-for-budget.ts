import { changeRun } from "./change-run.ts";
import type { ConductorDeps } from "./deps.ts";
import { pauseRun } from "./domain/pause-run.ts";

/**
 * Pauses a run whose budget refused its next effect, in a transaction after the one that refused. A crash in between is healed by the
 * watchdog: it decides the idle attempt again, and is refused again.
 */
export async function pauseForBudget(deps: ConductorDeps, runId: string): Promise<void> {
  await changeRun(deps, { role: "engine" }, runId, "open", (board, run) => pauseRun(board, run, "budget"));
}
