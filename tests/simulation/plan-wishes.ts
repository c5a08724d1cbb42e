import * as z from "zod";
import type { TaskPolicy } from "../../shared/agents/contracts/task-policy.ts";
import { updateTask } from "../../shared/orchestration/control/update-task.ts";
import { forkRun } from "../../shared/orchestration/fork/fork-run.ts";
import { replanRun } from "../../shared/orchestration/replan/replan-run.ts";
import { type Asking, actorOf } from "./asking.ts";
import { drawPolicy } from "./draw-policy.ts";
import { goOn } from "./standing-still.ts";

const Ids = z.array(z.object({ id: z.string() }));

/** Runs that one seed may have, forks among them. */
const MOST_RUNS = 5;

/** What a person wants of a plan as a whole, or of what has not begun of it. */
export const PLAN_WISHES = {
  async "change task"(asking: Asking): Promise<void> {
    const { random } = asking.simulation;
    const [task] = random.shuffle(
      // Some have begun by now, and say so.
      await listIds(
        asking,
        "SELECT id FROM tasks WHERE run_id = $1 AND kind = 'executor' AND attempts < 2 AND status = 'pending' ORDER BY ordinal",
      ),
    );
    if (task === undefined) return;
    const changes = [
      { description: "something else" },
      { policy: neverSkipping(drawPolicy(random) ?? {}) },
      { requires_approval: random.chance(0.5) },
      { description: "something else", complexity: "high" as const },
    ];
    await updateTask(asking.deps, actorOf(asking.goal), task.id, random.pick(changes));
  },
  async replan({ simulation, deps, goal }: Asking): Promise<void> {
    const note = simulation.random.chance(0.5) ? "not like this" : undefined;
    // A run that waited for the approval of its plan goes on with planning.
    await goOn(simulation, goal.runId, () => replanRun(deps, actorOf(goal), goal.runId, { id: simulation.newId(), note }));
  },
  /** The plan of a run that has ended is carried out once more from one of its tasks on: people post it as they post goals. */
  async fork(asking: Asking): Promise<void> {
    const { simulation, goal } = asking;
    if (simulation.goals.length >= MOST_RUNS) return;
    const [task] = simulation.random.shuffle(
      await listIds(
        asking,
        `SELECT t.id FROM tasks t JOIN runs r ON r.id = t.run_id WHERE r.id = $1 AND t.kind = 'executor' AND r.plan_version > 0
        AND r.status IN ('completed', 'failed', 'cancelled') ORDER BY t.ordinal`,
      ),
    );
    if (task === undefined) return;
    simulation.goals.push({ ...goal, runId: simulation.newId(), forkOf: { runId: goal.runId, taskId: task.id }, isPosted: false });
  },
} as const;

/** What may be skipped was drawn with the plan: models that follow know of no other. */
function neverSkipping({ fallback, ...policy }: TaskPolicy): TaskPolicy {
  return fallback === undefined || fallback.kind === "skip" ? policy : { ...policy, fallback };
}

/** Models here read their scripts by the name of a task, so a fork changes what it does and not who does it. */
export async function postFork({ deps, goal }: Asking, { runId, taskId }: { runId: string; taskId: string }): Promise<void> {
  const files = { store: async () => {}, list: async () => [], find: async () => undefined };
  const edit = { task_id: taskId, description: "once more" };
  await forkRun({ ...deps, defaultModel: "local:scripted", files }, actorOf(goal), runId, goal.runId, edit);
}

async function listIds({ deps, goal }: Asking, text: string): Promise<z.infer<typeof Ids>> {
  const { rows } = await deps.db.transact(actorOf(goal), (db) => db.query(text, [goal.runId]));
  return Ids.parse(rows);
}
