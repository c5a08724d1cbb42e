import type { Actor, Queryable } from "../../platform/db/database.ts";
import type { RunDeps } from "../deps.ts";
import { type Board, type BoardRun, openBoard } from "../domain/board.ts";
import { measureSpend } from "../domain/money.ts";
import { listFreed, listFreedWorkspaces, listFull, listFullWorkspaces } from "../domain/room.ts";
import { recordSpend } from "../prices/record-spend.ts";
import { applyBoard } from "../sql/apply-board.ts";
import { lockBatch } from "../sql/lock-batch.ts";
import { lockRun, readOpenRows } from "../sql/lock-run.ts";
import { deliver } from "./deliver.ts";

/**
 * `open`: with its open effects, running attempts and unfinished tasks. `run`: the run, its root task and its budgets only. `failing`: these
 * tasks and all that depends on them. `taskId`: with what is open in that task, and all that depends on it.
 */
export type RunScope = "open" | "run" | { readonly failing: readonly string[] } | { readonly taskId: string };

export type Change<Answer> = (board: Board, run: BoardRun, db: Queryable) => Answer | Promise<Answer>;

/**
 * Changes one run as a whole, in the batch's own lock order: lock the run, read with a fresh snapshot what is open in it, change it on
 * the board, write. A single statement would wait for the lock with an old snapshot and miss what the batch in front of it inserted.
 * What it created is handed over after the commit. Undefined when there is no such run, or none that `actor` may see.
 */
export async function changeRun<Answer>(
  deps: RunDeps,
  actor: Actor,
  runId: string,
  scope: RunScope,
  change: Change<Answer>,
): Promise<Answer | undefined> {
  const changed = await deps.db.transact(actor, async (db) => {
    if (!(await lockRun(db, runId))) return undefined;
    const now = deps.now();
    const open = await readScope(db, runId, scope);
    const locked = await lockBatch(db, {
      runIds: [runId],
      attemptIds: open.attemptIds,
      effectIds: open.effectIds,
      startIds: open.taskIds,
      completingIds: [],
      failingIds: open.failingIds,
      now,
    });
    const hasItems = scope === "open" || (typeof scope === "object" && "taskId" in scope);
    const items = hasItems ? await (await import("../approvals/sql/read-open-items.ts")).readOpenItems(db, runId) : [];
    const board = openBoard({ ...locked, items }, { now, newId: deps.newId });
    const full = listFull(locked.agents, board.now);
    const fullWorkspaces = listFullWorkspaces(locked.budgets);
    const run = board.runs.get(runId);
    if (run === undefined) return undefined;
    const answer = await change(board, run, db);
    await applyBoard(db, board);
    const freed = [...listFreed(full, board), ...listFreedWorkspaces(fullWorkspaces, board)];
    return { board, answer, spent: measureSpend(locked.budgets, board), freed };
  });
  if (changed === undefined) return undefined;
  recordSpend(changed.spent);
  await deliver(deps, changed.board);
  if (changed.freed.length > 0) await askForOthers(deps, runId);
  return changed.answer;
}

type ScopeIds = { attemptIds: string[]; effectIds: string[]; taskIds: string[]; failingIds: string[] };

async function readScope(db: Queryable, runId: string, scope: RunScope): Promise<ScopeIds> {
  if (scope === "open") return { ...(await readOpenRows(db, runId)), failingIds: [] };
  if (scope === "run") return { attemptIds: [], effectIds: [], taskIds: [], failingIds: [] };
  if ("failing" in scope) return { attemptIds: [], effectIds: [], taskIds: [], failingIds: [...scope.failing] };
  const { readOpenRowsOfTask } = await import("../sql/control-task.ts");
  return { ...(await readOpenRowsOfTask(db, scope.taskId)), failingIds: [scope.taskId] };
}

/**
 * Changes several runs in one transaction, of each the run, its root task and its budgets only. A run that is not on the board does not
 * exist. What it created is handed over after the commit.
 */
export async function changeRuns<Answer>(
  deps: RunDeps,
  runIds: readonly string[],
  change: (board: Board, db: Queryable) => Promise<Answer>,
): Promise<Answer> {
  const changed = await deps.db.transact({ role: "engine" }, async (db) => {
    const now = deps.now();
    const nothing = { attemptIds: [], effectIds: [], startIds: [], completingIds: [], failingIds: [] };
    const locked = await lockBatch(db, { runIds: [...new Set(runIds)], ...nothing, now });
    const board = openBoard(locked, { now, newId: deps.newId });
    const answer = await change(board, db);
    await applyBoard(db, board);
    return { board, answer, spent: measureSpend(locked.budgets, board) };
  });
  recordSpend(changed.spent);
  await deliver(deps, changed.board);
  return changed.answer;
}

/** Tasks of other runs may wait for the room that this run left: the conductor begins them. Lost, it is done by their watchdogs. */
async function askForOthers(deps: RunDeps, runId: string): Promise<void> {
  await deps.outbox.sendHint(runId).catch((error: unknown) => {
    deps.log("nobody was told of the room that a run left; the watchdogs will see it", { run_id: runId, error });
  });
}
