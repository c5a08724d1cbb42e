import * as z from "zod";
import type { Queryable } from "../../shared/platform/db/database.ts";
import type { Simulation } from "./simulation.ts";

const Finding = z.object({ what: z.string(), id: z.string() });

/** Each a sentence about the row that breaks it. `$1`: the workspaces. */
const BOOKS = {
  books: [
    `SELECT 'holds ' || held_nano || ' at the end' AS what, id FROM budgets WHERE workspace_id = ANY ($1) AND held_nano <> 0`,
    `SELECT 'is a hold still held' AS what, id FROM budget_holds WHERE workspace_id = ANY ($1) AND state = 'held'`,
    `SELECT 'spent ' || spent_nano || ', its holds say otherwise' AS what, id FROM budgets b WHERE workspace_id = ANY ($1)
      AND scope <> 'task' AND spent_nano <> (SELECT COALESCE(sum(settled_nano), 0) FROM budget_holds h WHERE h.budget_id = b.id)`,
    // One that was opened in the middle of its task began with what had been spent by then.
    `SELECT 'spent ' || spent_nano || ', and its holds more' AS what, id FROM budgets b WHERE workspace_id = ANY ($1)
      AND scope = 'task' AND spent_nano < (SELECT COALESCE(sum(settled_nano), 0) FROM budget_holds h WHERE h.budget_id = b.id)`,
    `SELECT 'is a bill that its hold does not say' AS what, u.id FROM llm_usage u WHERE u.workspace_id = ANY ($1) AND (SELECT count(*) FROM budget_holds h
      JOIN budgets b ON b.id = h.budget_id AND b.scope IN ('run', 'workspace')
      WHERE h.effect_id = u.effect_id AND h.try = u.try AND h.state = 'settled' AND h.settled_nano = COALESCE(u.cost_nano, h.amount_nano)) <> 2`,
    `SELECT 'holds another amount than its effect cost' AS what, h.id FROM budget_holds h JOIN llm_usage u ON u.effect_id = h.effect_id AND u.try = h.try
      WHERE h.workspace_id = ANY ($1) AND h.settled_nano <> COALESCE(u.cost_nano, h.amount_nano)`,
    `SELECT 'was settled without a bill by ' || settled_nano AS what, h.id FROM budget_holds h WHERE h.workspace_id = ANY ($1) AND h.state = 'settled'
      AND NOT EXISTS (SELECT 1 FROM llm_usage u WHERE u.effect_id = h.effect_id AND u.try = h.try) AND settled_nano NOT IN (0, amount_nano)`,
    `SELECT 'was billed though its hold is ' || h.state AS what, h.id FROM budget_holds h WHERE h.workspace_id = ANY ($1) AND h.state <> 'settled'
      AND EXISTS (SELECT 1 FROM llm_usage u WHERE u.effect_id = h.effect_id AND u.try = h.try)`,
  ],
  load: [
    `SELECT 'still carries out ' || current_task_count AS what, id FROM agents WHERE workspace_id = ANY ($1) AND current_task_count <> 0`,
  ],
} as const;

/** Money and loads at the end: nothing reserved, and budgets, holds and bills that say the same. */
export async function checkBooks({ checks, workspaces }: Simulation, db: Queryable): Promise<void> {
  for (const invariant of ["books", "load"] as const) {
    const { rows } = await db.query(BOOKS[invariant].join(" UNION ALL "), [workspaces]);
    const wrong = z.array(Finding).parse(rows);
    checks.check(invariant, wrong.length === 0, () => wrong.map(({ what, id }) => `${id} ${what}`).join(", "));
  }
}
