import type { EffectError } from "../../effects/contracts/effect.ts";
import { cutDetail } from "../../effects/cut-detail.ts";
import { PhaseDue, type Replan } from "./batch.ts";
import { type Board, type BoardRun, change, record } from "./board.ts";

/**
 * A phase came to nothing: if the run may still plan again, it will, and what has completed stays; if not, it fails. The state machine goes
 * back to planning by the word `replan`, and counts as the run does: the replan is spent when that phase begins.
 */
export function planAgainOrFail(board: Board, run: BoardRun, cause: Replan["cause"], error: EffectError): void {
  if (run.replans_left === 0) {
    failPhase(run, error);
    return;
  }
  planAgain(board, run, { cause, detail: `${error.code}: ${error.detail}` });
}

/** Sends a run back to planning, which its state machine does when the phase that is on has ended. `by`: the person who asked for it. */
export function planAgain(board: Board, run: BoardRun, replan: Replan, by?: string): void {
  const { cause, detail } = replan;
  change(board, "runs", run).replans = [...run.replans, replan];
  run.error = null;
  run.phase_due = { kind: "success", output: { approved: false, replan: true } } satisfies PhaseDue;
  record(board, run.id, { type: "replanned", cause, detail, ...(by === undefined ? {} : { by }), left: run.replans_left - 1 });
}

/** The state machine is on its way back to planning. */
export function isReplanDue(run: Pick<BoardRun, "phase_due">): boolean {
  const due = PhaseDue.safeParse(run.phase_due).data;
  return due?.kind === "success" && due.output["replan"] === true;
}

/** Ends a phase with an error, and with why every plan before came to nothing. */
export function failPhase(run: BoardRun, error: EffectError): PhaseDue {
  run.error ??= error;
  if (run.replans.length > 0) run.error = { ...run.error, detail: cutDetail(`${run.error.detail}${describeReplans(run.replans)}`) };
  const due: PhaseDue = { kind: "failure", error: run.error };
  run.phase_due = due;
  return due;
}

function describeReplans(replans: readonly Replan[]): string {
  const reasons = replans.map(({ detail }, index) => `${index + 1}. ${detail}`).join("; ");
  return ` (after ${replans.length === 1 ? "an earlier plan" : `${replans.length} earlier plans`}: ${reasons})`;
}
