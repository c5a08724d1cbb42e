import { type Board, type BoardEffect, change } from "./board.ts";

/** Gives back what was held for an effect that will not be sent under this try. */
export function releaseHolds(board: Board, effect: BoardEffect): void {
  for (const hold of board.holds) {
    if (hold.effect_id !== effect.id || hold.try !== effect.try || hold.state !== "held") continue;
    change(board, "holds", hold).state = "released";
    hold.settled_nano = 0n;
    const budget = board.budgets.get(hold.budget_id);
    if (budget !== undefined) change(board, "budgets", budget).held_nano -= hold.amount_nano;
  }
}
