import path from "node:path";
import * as z from "zod";
import { openDatabase } from "../../shared/platform/db/database.ts";

/** A bigint of nano-dollars comes as text. */
const NanoColumn = z.string().transform(BigInt);

const Books = z.object({
  held_nano: NanoColumn,
  spent_nano: NanoColumn,
  /** What answered calls cost. */
  usage_nano: NanoColumn,
  /** Holds of calls that nobody knows the cost of, booked in full. */
  lost_nano: NanoColumn,
  open_holds: z.int(),
  open_effects: z.int(),
  billed_twice: z.int(),
});

/** What the tables of a closed state folder say of a run's money and effects. */
export async function readBooks(home: string, runId: string): Promise<z.infer<typeof Books>> {
  const database = await openDatabase(`pglite:${path.join(home, "pg")}`, { asOwner: true });
  try {
    const { rows } = await database.transact({ role: "owner" }, (db) =>
      db.query(
        `SELECT b.held_nano::text, b.spent_nano::text,
          (SELECT COALESCE(sum(cost_nano), 0)::text FROM llm_usage WHERE run_id = $1) AS usage_nano,
          (SELECT COALESCE(sum(amount_nano), 0)::text FROM budget_holds WHERE budget_id = b.id AND state = 'unsettled') AS lost_nano,
          (SELECT count(*)::int FROM budget_holds WHERE budget_id = b.id AND state = 'held') AS open_holds,
          (SELECT count(*)::int FROM effects WHERE run_id = $1 AND state <> 'done') AS open_effects,
          (SELECT count(*)::int FROM (SELECT effect_id FROM llm_usage WHERE run_id = $1 GROUP BY effect_id HAVING count(*) > 1) twice) AS billed_twice
        FROM budgets b WHERE b.run_id = $1`,
        [runId],
      ),
    );
    return z.tuple([Books]).parse(rows)[0];
  } finally {
    await database.close();
  }
}
