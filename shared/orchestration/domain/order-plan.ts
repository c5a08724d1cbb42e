import { levelsOf } from "../../agents/domain/validate-plan.ts";

export type OrderedTask = { readonly id: string; readonly dependencies: readonly string[]; readonly estimated_duration_seconds: number };

export type PlanOrder = {
  /** The order of execution: the tasks of one level may run at the same time, after all of those before it. */
  levels: string[][];
  /** The chain of tasks that takes longest by their estimates: no number of agents is faster than it. */
  critical_path: string[];
  critical_path_seconds: number;
  /** Of all tasks, as if one agent did them one after the other. */
  total_estimated_seconds: number;
};

/** The order in which an acyclic plan is carried out, and how long it takes at least and at most by its estimates. */
export function orderPlan(tasks: readonly OrderedTask[]): PlanOrder {
  const level = levelsOf({ tasks });
  const levels: string[][] = [];
  for (const { id } of tasks) (levels[level.get(id) ?? 0] ??= []).push(id);
  return {
    levels,
    ...findCriticalPath(new Map(tasks.map((task) => [task.id, task])), levels.flat()),
    total_estimated_seconds: tasks.reduce((sum, task) => sum + task.estimated_duration_seconds, 0),
  };
}

/** `order`: each task after those it depends on. */
function findCriticalPath(
  tasks: ReadonlyMap<string, OrderedTask>,
  order: readonly string[],
): Pick<PlanOrder, "critical_path" | "critical_path_seconds"> {
  const ends = new Map<string, number>();
  const before = new Map<string, string>();
  for (const id of order) {
    const { dependencies = [], estimated_duration_seconds = 0 } = tasks.get(id) ?? {};
    // What is not in the plan has completed.
    const last = latest(dependencies, ends);
    if (last !== undefined) before.set(id, last);
    ends.set(id, endOf(last, ends) + estimated_duration_seconds);
  }
  const end = latest([...ends.keys()], ends);
  const path: string[] = [];
  for (let id = end; id !== undefined; id = before.get(id)) path.push(id);
  return { critical_path: path.toReversed(), critical_path_seconds: endOf(end, ends) };
}

function endOf(id: string | undefined, ends: ReadonlyMap<string, number>): number {
  return id === undefined ? 0 : (ends.get(id) ?? 0);
}

/** Whichever of these ends last; of equals the first. Those whose end is not known do not count. */
function latest(ids: readonly string[], ends: ReadonlyMap<string, number>): string | undefined {
  let found: string | undefined;
  for (const id of ids) if (ends.has(id) && (found === undefined || endOf(id, ends) > endOf(found, ends))) found = id;
  return found;
}
