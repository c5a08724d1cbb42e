import type { ConductorDeps } from "../deps.ts";
import type { Shortage } from "../domain/board.ts";
import { askForBudget } from "../domain/inbox/ask-for-budget.ts";
import { changeRun } from "./change-run.ts";

/**
 * Pauses a run whose budget refused its next effect, and asks, in a transaction after the one that refused. A crash in between is healed by
 * the watchdog: it decides the idle attempt again, and is refused again.
 */
export async function pauseForBudget(deps: ConductorDeps, runId: string, shortage: Shortage | undefined): Promise<void> {
  await changeRun(deps, { role: "engine" }, runId, "open", (board, run) => askForBudget(board, run, shortage));
}
