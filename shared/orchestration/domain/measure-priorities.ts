type Planned = { id: string; depends_on: readonly string[]; estimated_duration_seconds: number };

/**
 * By task id: seconds of work on the longest way from the task to the end of the plan, its own included; a task counts for one at least.
 * A task that others wait for is always above them. The plan must be acyclic; what a task depends on may stand outside of it.
 */
export function measurePriorities(plan: readonly Planned[]): Map<string, number> {
  const byId = new Map(plan.map((task) => [task.id, task]));
  const openChildren = new Map(plan.map((task) => [task.id, 0]));
  for (const parent of plan.flatMap((task) => task.depends_on)) openChildren.set(parent, (openChildren.get(parent) ?? 0) + 1);
  const beyond = new Map<string, number>();
  const priorities = new Map<string, number>();
  // From the ends back, each task once all that wait for it are measured. Without recursion: a chain may be 10,000 long.
  const measurable = plan.filter((task) => openChildren.get(task.id) === 0);
  for (const task of measurable) {
    const priority = Math.max(1, task.estimated_duration_seconds) + (beyond.get(task.id) ?? 0);
    priorities.set(task.id, priority);
    for (const parent of task.depends_on) {
      beyond.set(parent, Math.max(beyond.get(parent) ?? 0, priority));
      const left = (openChildren.get(parent) ?? 0) - 1;
      openChildren.set(parent, left);
      const measured = byId.get(parent);
      if (left === 0 && measured !== undefined) measurable.push(measured);
    }
  }
  return priorities;
}
