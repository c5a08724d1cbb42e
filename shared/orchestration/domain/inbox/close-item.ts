import type { JsonObject } from "../../../platform/json.ts";
import { type Board, type BoardRun, change, record } from "../board.ts";
import type { BoardItem } from "./item-row.ts";

/** Takes a person's word, or its absence, for an item. `by` null: nobody decided. */
export function closeItem(
  board: Board,
  run: BoardRun,
  item: BoardItem,
  end: { state: Exclude<BoardItem["state"], "open">; by: string | null; decision: JsonObject },
): void {
  change(board, "items", item).state = end.state;
  item.decision = end.decision;
  item.decided_by = end.by;
  item.decided_at = board.now;
  const { id: item_id, kind } = item;
  record(board, run.id, { type: "inbox-item-closed", item_id, kind, state: end.state, by: end.by, decision: end.decision });
}
