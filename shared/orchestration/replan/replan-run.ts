import type { Actor } from "../../platform/db/database.ts";
import { AppError } from "../../platform/errors.ts";
import { changeAwake } from "../control/change-awake.ts";
import type { RunDeps } from "../deps.ts";
import type { BoardRun } from "../domain/board.ts";
import { isReplanDue } from "../domain/plan-again.ts";
import { refuseReplan, replanRun as replanOnBoard } from "../domain/replan-run.ts";

/**
 * Has a run planned again because a person says so, within the number of its replans. Once this has answered, no effect of the plan before is
 * claimed and no step decided before lands. `note`: what the person wants to be different, for whoever plans. Safe to call again with the same id.
 * @throws AppError `not-found`; `run-ended`, `no-replans-left`; `conflict` while there is no plan to follow: then nothing was changed
 */
export async function replanRun(
  deps: RunDeps,
  actor: Actor & { role: "app" },
  runId: string,
  { id, note }: { id: string; note?: string | undefined },
): Promise<{ run_id: string; status: BoardRun["status"]; replans_left: number }> {
  return changeAwake(deps, actor, runId, "open", (board, run) => {
    if (!run.replans.some((replan) => replan.request_id === id)) {
      const refusal = refuseReplan(run);
      if (refusal !== undefined) throw new AppError(refusal.code, refusal.detail);
      replanOnBoard(board, run, { by: actor.userId, id, note });
    }
    // Spent when the phase of planning begins.
    return { run_id: runId, status: run.status, replans_left: run.replans_left - Number(isReplanDue(run)) };
  });
}
