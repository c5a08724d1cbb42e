import type { Actor, Database, Queryable } from "../../platform/db/database.ts";
import { AppError, conflict, notFound } from "../../platform/errors.ts";
import { formatUsd } from "../../platform/money.ts";
import { changeRun } from "../commit/change-run.ts";
import type { RunDeps } from "../deps.ts";
import { change, record } from "../domain/board.ts";
import { hasEnded } from "../domain/judge-steps.ts";
import { findTask } from "../sql/read-tasks.ts";
import { type BudgetView, findBudget, findMembership, lockWorkspaceBudget, openBudget, updateDayLimit, updateLimit } from "./sql.ts";

type Person = Actor & { role: "app" };
type Deps = { db: Database; newId: () => string; now: () => Date };

/** Nano-dollars; null: no limit. One below what is spent and held is accepted: then nothing more is begun. */
type Limit = bigint | null;

/** @throws AppError `forbidden` for anybody but an owner */
export async function setWorkspaceLimit(deps: Deps, actor: Person, limit: Limit): Promise<BudgetView> {
  return asOwner(deps, actor, async (db) => present(await updateLimit(db, { scope: "workspace" }, limit)));
}

/** @throws AppError `forbidden` for anybody but an owner; `not-found` when nobody of the workspace has this id */
export async function setUserLimit(deps: Deps, actor: Person, userId: string, limit: Limit): Promise<BudgetView> {
  return asOwner(deps, actor, async (db) => {
    await requireMember(db, userId);
    return ensureUser(deps, db, actor, userId, limit);
  });
}

/**
 * What each UTC day may cost from today on, of the workspace or of one user. Today's row begins at once with what today has cost so far.
 * @throws AppError `forbidden` for anybody but an owner; `not-found` when nobody of the workspace has this id
 */
export async function setDayLimit(deps: Deps, actor: Person, userId: string | undefined, limit: Limit): Promise<BudgetView> {
  return asOwner(deps, actor, async (db) => {
    if (userId !== undefined) {
      await requireMember(db, userId);
      await ensureUser(deps, db, actor, userId);
    }
    if (!(await updateDayLimit(db, userId, limit))) throw notFound("The budget");
    const today = { scope: "day", day: dayOf(deps.now()), ...(userId === undefined ? {} : { userId }) } as const;
    return (
      (await updateLimit(db, today, limit)) ?? (await openBudget(db, { ...today, id: deps.newId(), workspaceId: actor.workspaceId, limit }))
    );
  });
}

/** @throws AppError `not-found`; `conflict` when the run has ended */
export async function setRunLimit(deps: RunDeps, actor: Person, runId: string, limit: Limit): Promise<BudgetView> {
  const set = await changeRun(deps, actor, runId, "run", (board, run) => {
    if (hasEnded(run)) throw conflict(`The run is ${run.status}, so it spends nothing more`);
    const budget = present([...board.budgets.values()].find((row) => row.scope === "run" && row.run_id === run.id));
    change(board, "budgets", budget).limit_nano = limit;
    record(board, run.id, { type: "budget-set", scope: "run", limit_usd: usdOf(limit), by: actor.userId });
    return { ...budget };
  });
  if (set === undefined) throw notFound("The run");
  return set;
}

/** @throws AppError `not-found`; `conflict` when the task or its run has ended, or for a goal, whose budget is its run's */
export async function setTaskLimit(deps: RunDeps, actor: Person, taskId: string, limit: Limit): Promise<BudgetView> {
  const found = await deps.db.transact(actor, (db) => findTask(db, taskId));
  if (found === undefined) throw notFound("The task");
  if (found.kind === "goal" || found.kind === "call") throw conflict("The budget of a goal is the budget of its run");
  const set = await changeRun(deps, actor, found.run_id, "open", async (board, run, db) => {
    const task = board.tasks.get(taskId);
    const isOpen = task?.status === "pending" || task?.status === "in_progress";
    if (hasEnded(run) || task === undefined || !isOpen) throw conflict("The task has ended, so it spends nothing more");
    record(board, run.id, { type: "budget-set", scope: "task", task_id: taskId, limit_usd: usdOf(limit), by: actor.userId });
    const budget = [...board.budgets.values()].find((row) => row.scope === "task" && row.task_id === taskId);
    if (budget === undefined) return openBudget(db, { id: deps.newId(), workspaceId: actor.workspaceId, scope: "task", taskId, limit });
    change(board, "budgets", budget).limit_nano = limit;
    return { ...budget };
  });
  if (set === undefined) throw notFound("The run");
  return set;
}

/** The limit of a user that has a budget, or the beginning of one; without a limit given it stays as it is. */
async function ensureUser(deps: Deps, db: Queryable, actor: Person, userId: string, limit?: Limit): Promise<BudgetView> {
  const place = { scope: "user", userId } as const;
  const found = limit === undefined ? await findBudget(db, place) : await updateLimit(db, place, limit);
  return found ?? openBudget(db, { ...place, id: deps.newId(), workspaceId: actor.workspaceId, limit: limit ?? null });
}

async function asOwner<Result>(deps: Deps, actor: Person, work: (db: Queryable) => Promise<Result>): Promise<Result> {
  return deps.db.transact(actor, async (db) => {
    if ((await findMembership(db, actor.userId)) !== "owner")
      throw new AppError("forbidden", "Only an owner of the workspace sets its budgets");
    if (!(await lockWorkspaceBudget(db, actor.workspaceId))) throw notFound("The workspace");
    return work(db);
  });
}

async function requireMember(db: Queryable, userId: string): Promise<void> {
  if ((await findMembership(db, userId)) === undefined) throw notFound("The user");
}

function present<Row>(row: Row | undefined): Row {
  if (row === undefined) throw notFound("The budget");
  return row;
}

/** The UTC day, as 2026-01-31. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, "2026-01-31".length);
}

function usdOf(limit: Limit): string | null {
  return limit === null ? null : formatUsd(limit);
}
