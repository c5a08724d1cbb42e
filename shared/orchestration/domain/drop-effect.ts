import { type Board, type BoardEffect, change } from "./board.ts";
import { releaseHolds } from "./release-holds.ts";

/** Cancels an effect that nobody has claimed and gives its holds back. */
export function dropEffect(board: Board, effect: BoardEffect): void {
  change(board, "effects", effect).state = "cancelled";
  releaseHolds(board, effect);
}
