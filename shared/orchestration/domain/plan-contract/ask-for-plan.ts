import type { JsonObject } from "../../../platform/json.ts";
import { type Board, type BoardRun, change } from "../board.ts";
import type { BoardItem } from "../inbox/item-row.ts";
import { openItem } from "../inbox/open-item.ts";
import { pauseRun, resumeRun } from "../pause-run.ts";

/** What a person is shown of a plan. `sha256` binds all of it: who approves names it. */
export type PlanTerms = { sha256: string; tools: string[]; files: string[]; subject: JsonObject };

/**
 * Puts a plan before a person. Nothing of it begins until it is approved; meanwhile the run is paused and costs nothing. One that was paused
 * already waits for this from now on: what its budget cannot cover is asked again when it is needed.
 */
export function askForPlan(board: Board, run: BoardRun, { sha256, tools, files, subject }: PlanTerms): void {
  withdrawPlan(board, run);
  change(board, "runs", run).contract = { approved_sha256: null, tools, files };
  openItem(board, run, { kind: "approval", request_sha256: sha256, subject });
  if (!pauseRun(board, run, "plan")) run.pause_reason = "plan";
}

/** Nobody needs to decide any more about the plan as it was. */
function withdrawPlan(board: Board, run: BoardRun): void {
  for (const item of board.items.values()) {
    if (item.run_id === run.id && item.state === "open" && isAboutPlan(item)) change(board, "items", item).state = "withdrawn";
  }
}

/** Nothing waits for the approval of the plan any more: it is replaced, or left out as a whole. What comes after it must be able to go on. */
export function dropPlan(board: Board, run: BoardRun): void {
  withdrawPlan(board, run);
  if (run.pause_reason !== "plan") return;
  change(board, "runs", run).pause_reason = "person";
  resumeRun(board, run, undefined);
}

export function isAboutPlan(item: Pick<BoardItem, "kind" | "subject">): boolean {
  return item.kind === "approval" && item.subject["because"] === "plan";
}
