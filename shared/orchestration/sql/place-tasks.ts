import type { Queryable } from "../../platform/db/database.ts";

/** Takes the locks that every writer of these runs takes first, in order. */
export async function lockRuns(db: Queryable, runIds: readonly string[]): Promise<void> {
  await db.query("SELECT id FROM runs WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE", [runIds]);
}

/** Gives tasks that have not begun to other agents, if they still are where they are moved from. Their runs must be locked. */
export async function moveTasks(db: Queryable, moves: readonly { task_id: string; from: string; to: string }[]): Promise<void> {
  await db.query(
    `UPDATE tasks SET agent_id = m.to_agent FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS m (task_id, from_agent, to_agent)
    WHERE tasks.id = m.task_id AND tasks.agent_id = m.from_agent AND tasks.status = 'pending'`,
    [moves.map((move) => move.task_id), moves.map((move) => move.from), moves.map((move) => move.to)],
  );
}
