import * as z from "zod";
import type { Queryable } from "../../shared/platform/db/database.ts";
import type { Simulation } from "./simulation.ts";

const Finding = z.object({ what: z.string(), id: z.string() });

/** The task of a plan that was forked may have lost the task that proposed it, never its depth. */
const DIVISIONS = [
  `SELECT 'lies deeper than its run allows' AS what, t.id FROM tasks t JOIN runs r ON r.id = t.run_id WHERE t.workspace_id = ANY ($1)
    AND t.subtask_depth > COALESCE((r.options ->> 'max_subtask_depth')::int, 0)`,
  `SELECT 'does not lie one deeper than its task' AS what, s.id FROM tasks s JOIN tasks t ON t.id = s.parent_task_id WHERE s.workspace_id = ANY ($1)
    AND t.kind = 'executor' AND s.subtask_depth <> t.subtask_depth + 1`,
  `SELECT 'is not waited for by its task' AS what, s.id FROM tasks s JOIN tasks t ON t.id = s.parent_task_id WHERE s.workspace_id = ANY ($1)
    AND t.kind = 'executor' AND NOT EXISTS (SELECT 1 FROM task_dependencies d WHERE d.task_id = t.id AND d.depends_on = s.id)`,
  `SELECT 'has not completed, and its task has' AS what, s.id FROM tasks s JOIN tasks t ON t.id = s.parent_task_id WHERE s.workspace_id = ANY ($1)
    AND t.kind = 'executor' AND t.status = 'completed' AND s.status <> 'completed'`,
  `SELECT 'has the place of another task' AS what, t.id FROM tasks t WHERE t.workspace_id = ANY ($1) AND t.kind = 'executor'
    AND EXISTS (SELECT 1 FROM tasks o WHERE o.run_id = t.run_id AND o.kind = 'executor' AND o.ordinal = t.ordinal AND o.id <> t.id)`,
  `SELECT 'was divided by ' || count(*) || ' attempts' AS what, e.task_id AS id FROM effects e JOIN payloads q ON q.id = e.request_payload_id
    WHERE e.workspace_id = ANY ($1) AND e.state = 'done' AND q.body ->> 'tool' = 'propose_subtasks' GROUP BY e.task_id HAVING count(*) > 1`,
];

/** Where subtasks may lie and who waits for them, read from the tables at the end. */
export async function checkDivisions({ checks, workspaces }: Simulation, db: Queryable): Promise<void> {
  const { rows } = await db.query(DIVISIONS.join(" UNION ALL "), [workspaces]);
  const wrong = z.array(Finding).parse(rows);
  checks.check("division", wrong.length === 0, () => wrong.map(({ what, id }) => `${id} ${what}`).join(", "));
}
