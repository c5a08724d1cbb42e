import { type Board, type BoardRun } from "../board.ts";
import { answerEffect } from "./answer-effect.ts";
import { closeItem } from "./close-item.ts";

/** What nobody decided in time is not begun: its effect fails, and whoever asked for it goes on from there. */
export function expireItems(board: Board, run: BoardRun): void {
  for (const item of board.items.values()) {
    if (item.run_id !== run.id || item.state !== "open" || item.expires_at === null || item.expires_at > board.now) continue;
    closeItem(board, run, item, { state: "expired", by: null, decision: {} });
    const effect = board.effects.get(item.effect_id ?? "");
    if (effect?.state !== "parked") continue;
    answerEffect(board, run, effect, {
      error: { code: "approval-expired", detail: "Nobody approved this in time", retryable: false },
    });
  }
}
