import * as z from "zod";
import type { Queryable } from "../../shared/platform/db/database.ts";
import type { Simulation } from "./simulation.ts";

const Finding = z.object({ what: z.string(), id: z.string() });

/** A fallback is one more attempt than the policy's own, and so is the one that divided its task. A task that failed waits for its time before it is tried again. */
const POLICIES = [
  `SELECT 'was tried ' || t.attempts || ' times' AS what, t.id FROM tasks t WHERE t.workspace_id = ANY ($1)
    AND t.attempts > COALESCE((t.policy #>> '{retry,max_attempts}')::int, 2) + CASE WHEN t.on_fallback THEN 1 ELSE 0 END
      + EXISTS (SELECT 1 FROM tasks s WHERE s.parent_task_id = t.id AND s.forked_from IS NULL)::int`,
  `SELECT 'was tried again too early' AS what, t.id FROM tasks t
    JOIN run_events failed ON failed.run_id = t.run_id, jsonb_array_elements(failed.facts) fact, task_attempts next
    WHERE t.workspace_id = ANY ($1) AND fact ->> 'type' = 'task-retried' AND (fact ->> 'task_id')::uuid = t.id
      AND next.task_id = t.id AND next.number = (fact ->> 'attempt')::int + 1 AND next.started_at < (fact ->> 'not_before')::timestamptz`,
  `SELECT 'is skipped, and its policy does not say so' AS what, t.id FROM tasks t WHERE t.workspace_id = ANY ($1)
    AND t.status = 'completed' AND t.error IS NOT NULL AND COALESCE(t.policy #>> '{fallback,kind}', '') <> 'skip'`,
  `SELECT 'completed with a result that its checks refuse' AS what, a.task_id AS id FROM task_attempts a JOIN check_outcomes c ON c.attempt_id = a.id
    WHERE a.workspace_id = ANY ($1) AND a.status = 'completed' AND NOT c.passed AND NOT c.advisory`,
  `SELECT 'was planned again more often than it may' AS what, r.id FROM runs r WHERE r.workspace_id = ANY ($1) AND r.replans_left < 0`,
];

/** What policies promise, read from the tables at the end. */
export async function checkPolicies({ checks, workspaces }: Simulation, db: Queryable): Promise<void> {
  const { rows } = await db.query(POLICIES.join(" UNION ALL "), [workspaces]);
  const wrong = z.array(Finding).parse(rows);
  checks.check("policy", wrong.length === 0, () => wrong.map(({ what, id }) => `${id} ${what}`).join(", "));
}
