import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { BudgetScope } from "../domain/batch.ts";

const BudgetView = z.object({
  scope: BudgetScope,
  user_id: z.uuid().nullable(),
  run_id: z.uuid().nullable(),
  task_id: z.uuid().nullable(),
  day: z.string().nullable(),
  limit_nano: z.string().transform(BigInt).nullable(),
  spent_nano: z.string().transform(BigInt),
  held_nano: z.string().transform(BigInt),
});
export type BudgetView = z.infer<typeof BudgetView>;

const VIEW = "scope, user_id, run_id, task_id, day::text, limit_nano::text, spent_nano::text, held_nano::text";

/** Budgets of the workspace and of its users, for all time and for `today`; a day on which nothing was held yet as it will begin. */
export async function listBudgets(db: Queryable, today: string): Promise<BudgetView[]> {
  const { rows } = await db.query(
    `SELECT ${VIEW} FROM budgets WHERE scope IN ('workspace', 'user') OR scope = 'day' AND day = $1::date
    UNION ALL
    SELECT 'day', user_id, NULL, NULL, $1::date::text, day_limit_nano::text, '0', '0' FROM budgets b
    WHERE day_limit_nano IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM budgets d WHERE d.scope = 'day' AND d.workspace_id = b.workspace_id AND d.day = $1::date AND d.user_id IS NOT DISTINCT FROM b.user_id)
    ORDER BY 2 NULLS FIRST, 5 NULLS FIRST`,
    [today],
  );
  return z.array(BudgetView).parse(rows);
}

/** Which budget is meant; the workspace is the actor's. */
export type BudgetPlace = { scope: BudgetScope; userId?: string; taskId?: string; day?: string };

const AT_PLACE =
  "scope = $1 AND user_id IS NOT DISTINCT FROM $2::uuid AND task_id IS NOT DISTINCT FROM $3::uuid AND day IS NOT DISTINCT FROM $4::date";

/**
 * Takes the lock that a batch takes before all other budgets: who holds it may add a budget to the workspace, and no batch misses it.
 * Whoever sets a limit takes it first too, so that it waits for nobody who waits for it. False when there is no such workspace.
 */
export async function lockWorkspaceBudget(db: Queryable, workspaceId: string): Promise<boolean> {
  const { rowCount } = await db.query("SELECT id FROM budgets WHERE scope = 'workspace' AND workspace_id = $1 FOR NO KEY UPDATE", [
    workspaceId,
  ]);
  return rowCount === 1;
}

export async function findBudget(db: Queryable, place: BudgetPlace): Promise<BudgetView | undefined> {
  const { rows } = await db.query(`SELECT ${VIEW} FROM budgets WHERE ${AT_PLACE}`, [
    place.scope,
    place.userId ?? null,
    place.taskId ?? null,
    place.day ?? null,
  ]);
  return z.array(BudgetView).parse(rows)[0];
}

/** Sets the limit of a budget that exists; undefined when there is none yet. The workspace's lock must be held. */
export async function updateLimit(db: Queryable, place: BudgetPlace, limit: bigint | null): Promise<BudgetView | undefined> {
  const { rows } = await db.query(`UPDATE budgets SET limit_nano = $5, updated_at = now() WHERE ${AT_PLACE} RETURNING ${VIEW}`, [
    place.scope,
    place.userId ?? null,
    place.taskId ?? null,
    place.day ?? null,
    limit?.toString() ?? null,
  ]);
  return z.array(BudgetView).parse(rows)[0];
}

/** Sets what each day may cost, from the next batch on: on the row of the workspace, or of one user. False when there is no such row. */
export async function updateDayLimit(db: Queryable, userId: string | undefined, limit: bigint | null): Promise<boolean> {
  const { rowCount } = await db.query(
    "UPDATE budgets SET day_limit_nano = $1, updated_at = now() WHERE scope = CASE WHEN $2::uuid IS NULL THEN 'workspace' ELSE 'user' END AND user_id IS NOT DISTINCT FROM $2::uuid",
    [limit?.toString() ?? null, userId ?? null],
  );
  return rowCount === 1;
}

/**
 * Begins a budget in the middle of its time: what was spent by then counts, and what is held is held of it too, so that it is settled as
 * everywhere. Taken from the holds on the workspace's budget, on which everything that costs has one. The workspace's lock must be held.
 */
export async function openBudget(
  db: Queryable,
  budget: BudgetPlace & { id: string; workspaceId: string; limit: bigint | null },
): Promise<BudgetView> {
  const { rows } = await db.query(
    `WITH past AS (
        SELECT h.* FROM budget_holds h JOIN budgets b ON b.id = h.budget_id AND b.scope = 'workspace' AND b.workspace_id = $2
          JOIN runs r ON r.id = h.run_id JOIN effects e ON e.id = h.effect_id
        WHERE ($4::uuid IS NULL OR r.user_id = $4) AND ($5::uuid IS NULL OR e.task_id = $5)
          AND ($6::date IS NULL OR (h.created_at AT TIME ZONE 'UTC')::date = $6)),
      opened AS (
        INSERT INTO budgets (id, workspace_id, scope, user_id, task_id, day, limit_nano, spent_nano, held_nano)
        SELECT $1, $2, $3, $4, $5, $6, $7, COALESCE(sum(settled_nano), 0), COALESCE(sum(amount_nano) FILTER (WHERE state = 'held'), 0) FROM past
        RETURNING *),
      held AS (
        INSERT INTO budget_holds (id, workspace_id, budget_id, run_id, effect_id, try, amount_nano, settled_nano, state, created_at, settled_at)
        SELECT gen_random_uuid(), workspace_id, $1, run_id, effect_id, try, amount_nano, settled_nano, state, created_at, settled_at
        FROM past WHERE state IN ('held', 'unsettled'))
    SELECT ${VIEW} FROM opened`,
    [
      budget.id,
      budget.workspaceId,
      budget.scope,
      budget.userId ?? null,
      budget.taskId ?? null,
      budget.day ?? null,
      budget.limit?.toString() ?? null,
    ],
  );
  return z.tuple([BudgetView]).parse(rows)[0];
}

/** What somebody is in the workspace; undefined for a stranger to it. */
export async function findMembership(db: Queryable, userId: string): Promise<"owner" | "member" | undefined> {
  const { rows } = await db.query("SELECT role FROM memberships WHERE user_id = $1", [userId]);
  return z.array(z.object({ role: z.enum(["owner", "member"]) })).parse(rows)[0]?.role;
}
