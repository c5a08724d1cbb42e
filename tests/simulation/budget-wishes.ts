import * as z from "zod";
import { setRunLimit, setTaskLimit } from "../../shared/orchestration/budgets/set-limit.ts";
import { type Asking, actorOf } from "./asking.ts";

const Limit = z.object({ task_id: z.string().nullable(), limit_nano: z.coerce.bigint().nullable() });

/**
 * A person raises what a run may cost, or gives one of its tasks a budget of its own. Never below what there was: that a limit which came too
 * late is passed is nobody's fault.
 */
export async function raiseLimit({ simulation: { random }, deps, goal }: Asking): Promise<void> {
  const { rows } = await deps.db.transact(actorOf(goal), (db) =>
    db.query(
      `SELECT NULL AS task_id, limit_nano::text FROM budgets WHERE run_id = $1 AND limit_nano IS NOT NULL
      UNION ALL SELECT t.id, NULL FROM tasks t WHERE t.run_id = $1 AND t.kind = 'executor' AND t.status IN ('pending', 'in_progress')
        AND NOT EXISTS (SELECT 1 FROM budgets b WHERE b.task_id = t.id) ORDER BY 1 NULLS FIRST`,
      [goal.runId],
    ),
  );
  const [chosen] = random.shuffle(z.array(Limit).parse(rows));
  if (chosen === undefined) return;
  const { task_id, limit_nano } = chosen;
  if (task_id === null) await setRunLimit(deps, actorOf(goal), goal.runId, (limit_nano ?? 0n) + BigInt(random.integer(100, 3_000)));
  else await setTaskLimit(deps, actorOf(goal), task_id, random.chance(0.2) ? null : BigInt(random.integer(6_000, 9_000)));
}
