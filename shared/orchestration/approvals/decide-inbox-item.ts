import type { Actor } from "../../platform/db/database.ts";
import { AppError, conflict, invalidRequest, notFound } from "../../platform/errors.ts";
import { changeAwake } from "../control/change-awake.ts";
import type { RunDeps } from "../deps.ts";
import { type Decided, type Decision, decideItem } from "../domain/inbox/decide-item.ts";
import { hasEnded } from "../domain/judge-steps.ts";
import { findItem, type ItemView } from "./sql/read-items.ts";

/**
 * Takes a person's word on what waits in the inbox, in the lock order of a batch; what follows is committed with it. The conductor is told
 * afterwards: if that is lost, the watchdog's new chain sees to it.
 * @throws AppError `not-found`; `already-decided`, `approval-expired`, `arguments-changed`, `conflict`, `invalid-request`, `budget-exhausted`:
 * then nothing was changed
 */
export async function decideInboxItem(
  deps: RunDeps,
  actor: Actor & { role: "app" },
  itemId: string,
  decision: Decision,
): Promise<ItemView> {
  const found = await deps.db.transact(actor, (db) => findItem(db, itemId));
  if (found === undefined) throw notFound("The item");
  const decided = await changeAwake(deps, actor, found.run_id, "open", async (board, run, db) => {
    const item = board.items.get(itemId);
    if (item === undefined) throw refuseClosed((await findItem(db, itemId))?.state ?? found.state);
    const outcome = decideItem(board, run, item, decision, actor.userId);
    if (outcome !== "ok") throw refuse(outcome);
    return { cancelled: hasEnded(run) ? `${run.id}-${run.execution_number}` : undefined };
  });
  await tell(deps, found.run_id, decided.cancelled);
  return (await deps.db.transact(actor, (db) => findItem(db, itemId))) ?? found;
}

/** After the commit, and not waited for in vain: the watchdog does both again. */
async function tell(deps: RunDeps, runId: string, cancelled: string | undefined): Promise<void> {
  try {
    if (cancelled === undefined) await deps.outbox.sendHint(runId);
    else await deps.outbox.stopExecution(cancelled, "cancelled");
  } catch (error) {
    deps.log("nobody was told of a decision; the watchdog will see it", { run_id: runId, error: String(error) });
  }
}

function refuseClosed(state: ItemView["state"]): AppError {
  if (state === "expired") return new AppError("approval-expired", "Nobody decided this in time");
  if (state === "withdrawn") return conflict("Nobody needs to decide this any more");
  return new AppError("already-decided", `This was ${state} before`);
}

function refuse(outcome: Exclude<Decided, "ok">): AppError {
  switch (outcome) {
    case "expired":
      return new AppError("approval-expired", "The time to decide this is over");
    case "arguments-changed":
      return new AppError("arguments-changed", "request_sha256 is not the hash of what would be carried out");
    case "gone":
      return conflict("What this was about no longer waits");
    case "budget":
      return new AppError("budget-exhausted", "The budget does not cover what waits for it");
    case "wrong-verb":
      return conflict("An item of this kind is not decided this way");
    case "not-an-answer":
      return conflict("This question has no such answer now");
    case "limit-elsewhere":
      return invalidRequest("limit_usd raises the budget of a run; set any other budget first, and answer without it", [
        { pointer: "#/limit_usd", detail: "not with this answer" },
      ]);
  }
}
