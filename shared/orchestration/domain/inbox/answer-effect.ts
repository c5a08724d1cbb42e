import type { EffectError } from "../../../effects/contracts/effect.ts";
import type { NewPayload } from "../batch.ts";
import { type Board, type BoardEffect, type BoardRun, change, nameTask, record } from "../board.ts";
import { releaseHolds } from "../release-holds.ts";

/** Answers an effect by what a person said, or did not say in time. Whoever asked for it goes on from there. */
export function answerEffect(
  board: Board,
  run: BoardRun,
  effect: BoardEffect,
  answer: { result: NewPayload } | { error: EffectError },
): void {
  const task = board.tasks.get(effect.task_id);
  const attempt = board.attempts.get(effect.attempt_id);
  if (task === undefined || attempt === undefined) return;
  // What was never sent costs nothing. A try that was lost is booked already.
  releaseHolds(board, effect);
  change(board, "effects", effect).state = "result" in answer ? "done" : "failed";
  effect.answered_at = board.now;
  effect.error = "error" in answer ? answer.error : null;
  if ("result" in answer) {
    board.inserts.payloads.push({ ...answer.result, workspace_id: run.workspace_id, run_id: run.id });
    effect.result_payload_id = answer.result.id;
    effect.result_sha256 = answer.result.sha256;
  }
  change(board, "attempts", attempt).version += 1;
  record(board, run.id, {
    type: "effect-answered",
    ...nameTask(task),
    effect_id: effect.id,
    seq: effect.seq,
    kind: effect.kind,
    state: effect.state,
    by: null,
    cost_usd: null,
    result_sha256: effect.result_sha256,
  });
}
