import * as z from "zod";
import { cancelTask, pauseTask, resumeTask } from "../../shared/orchestration/control/control-task.ts";
import { type Asking, actorOf } from "./asking.ts";
import { goOn, standStill } from "./standing-still.ts";

const Task = z.object({ id: z.string(), is_paused: z.boolean() });

/** What a person wants of one task of the plan, whichever it is. */
export const TASK_WISHES = {
  async "cancel task"(asking: Asking): Promise<void> {
    const [task] = await listTasks(asking);
    if (task === undefined) return;
    await cancelTask(asking.deps, actorOf(asking.goal), task.id);
    // With all of its subtasks.
    for (const { id } of await listParts(asking, task.id)) asking.simulation.still.set(id, "cancelled");
  },
  async "pause task"(asking: Asking): Promise<void> {
    const [task] = await listTasks(asking);
    if (task === undefined) return;
    await standStill(asking.simulation, task.id, () => pauseTask(asking.deps, actorOf(asking.goal), task.id));
  },
  async "resume task"(asking: Asking): Promise<void> {
    const tasks = await listTasks(asking);
    const task = tasks.find((row) => row.is_paused) ?? tasks[0];
    if (task === undefined) return;
    await goOn(asking.simulation, task.id, () => resumeTask(asking.deps, actorOf(asking.goal), task.id));
  },
} as const;

async function listParts({ deps, goal }: Asking, taskId: string): Promise<{ id: string }[]> {
  if (goal.script.divisions.depth === 0) return [{ id: taskId }];
  const { rows } = await deps.db.transact(actorOf(goal), (db) =>
    db.query(
      `WITH RECURSIVE part (id) AS (SELECT $1::uuid UNION SELECT t.id FROM part JOIN tasks t ON t.parent_task_id = part.id) SELECT id FROM part`,
      [taskId],
    ),
  );
  return z.array(z.object({ id: z.string() })).parse(rows);
}

/** Those that have not ended, in any order. */
async function listTasks({ simulation, deps, goal }: Asking): Promise<z.infer<typeof Task>[]> {
  const { rows } = await deps.db.transact(actorOf(goal), (db) =>
    db.query(
      "SELECT id, is_paused FROM tasks WHERE run_id = $1 AND kind = 'executor' AND status IN ('pending', 'in_progress') ORDER BY ordinal",
      [goal.runId],
    ),
  );
  return simulation.random.shuffle(z.array(Task).parse(rows));
}
