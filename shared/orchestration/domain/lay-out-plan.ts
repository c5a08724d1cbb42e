import type { Plan } from "../../agents/contract.ts";
import { readFinishedTask } from "../../agents/domain/finished-task.ts";
import type { NewTask } from "./batch.ts";
import { type Circumstances, chooseAgent, type PoolAgent } from "./choose-agent.ts";
import { measurePriorities } from "./measure-priorities.ts";

export type LaidOutPlan = { ok: true; tasks: NewTask[] } | { ok: false; problem: string };

/** What an earlier plan has left behind: the ordinal of its last task, and the ids of those that completed, by ordinal. */
export type EarlierPlan = { last_ordinal: number; finished: ReadonlyMap<number, string> };

/**
 * A validated plan as rows: ids for its tasks, ordinals in its order from 1 or from behind an earlier plan, dependencies by id and an agent
 * for each. `newId` is called once per task. Names the first task that no agent can do.
 */
export function layOutPlan(
  plan: Plan,
  pool: readonly PoolAgent[],
  newId: () => string,
  circumstances: Pick<Circumstances, "now" | "expectCost">,
  earlier: EarlierPlan = { last_ordinal: 0, finished: new Map() },
): LaidOutPlan {
  const ids = new Map(plan.tasks.map((task) => [task.id, newId()]));
  const assigned = new Map<string, number>();
  const tasks: NewTask[] = [];
  for (const [index, task] of plan.tasks.entries()) {
    const agent = chooseAgent(pool, "executor", task.required_capabilities, { ...circumstances, complexity: task.complexity, assigned });
    if (agent === undefined)
      return { ok: false, problem: `No executor agent has what task "${task.id}" requires: ${task.required_capabilities.join(", ")}` };
    assigned.set(agent.id, (assigned.get(agent.id) ?? 0) + 1);
    tasks.push({
      id: ids.get(task.id) ?? newId(),
      kind: "executor",
      ordinal: earlier.last_ordinal + index + 1,
      name: task.name,
      description: task.description,
      complexity: task.complexity,
      required_capabilities: task.required_capabilities,
      depends_on: task.dependencies.flatMap((id) => ids.get(id) ?? []),
      ...findFinishedParents(task.dependencies, earlier),
      estimated_duration_seconds: task.estimated_duration_seconds,
      fallback_strategy: task.fallback_strategy,
      policy: task.policy ?? {},
      agent_id: agent.id,
    });
  }
  const priorities = measurePriorities(tasks);
  return { ok: true, tasks: tasks.map((task) => ({ ...task, priority: priorities.get(task.id) ?? 0 })) };
}

function findFinishedParents(dependencies: readonly string[], { finished }: EarlierPlan): Pick<NewTask, "finished_parents"> {
  const parents = dependencies.flatMap((name) => {
    const ordinal = readFinishedTask(name);
    const id = ordinal === undefined ? undefined : finished.get(ordinal);
    return ordinal === undefined || id === undefined ? [] : [{ id, ordinal }];
  });
  return parents.length === 0 ? {} : { finished_parents: parents };
}
