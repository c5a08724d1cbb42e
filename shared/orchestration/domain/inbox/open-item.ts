import { type Board, type BoardRun, record } from "../board.ts";
import type { InboxItemRow } from "./item-row.ts";

type NewItem = Pick<InboxItemRow, "kind" | "subject"> &
  Partial<Pick<InboxItemRow, "task_id" | "effect_id" | "request_sha256" | "expires_at">>;

/** Puts something before a person, and says so in the log of the run. */
export function openItem(board: Board, run: BoardRun, item: NewItem): void {
  const { task_id = null, effect_id = null, request_sha256 = null, expires_at = null } = item;
  const id = board.newId();
  const { workspace_id, id: run_id } = run;
  const about = { task_id, effect_id, request_sha256, expires_at };
  board.inserts.items.push({ id, workspace_id, run_id, kind: item.kind, state: "open", subject: item.subject, ...about });
  record(board, run.id, {
    type: "inbox-item-opened",
    item_id: id,
    kind: item.kind,
    ...(task_id === null ? {} : { task_id }),
    ...(effect_id === null ? {} : { effect_id }),
    expires_at,
  });
}
