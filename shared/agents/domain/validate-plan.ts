import type { Plan, PlannedTask } from "../contract.ts";

/** What a planner may ask for. */
export const PLAN_LIMITS = { tasks: 200, depth: 50 } as const;

/**
 * Everything that is wrong with a plan, each as a sentence that names the task; empty when it can be carried out.
 * Checks size, unique ids, known and acyclic dependencies, depth, and that each required capability is a tool that exists.
 */
export function validatePlan(plan: Plan, tools: readonly string[]): string[] {
  const byId = new Map(plan.tasks.map((task) => [task.id, task]));
  const problems = [
    ...(plan.tasks.length > PLAN_LIMITS.tasks ? [`The plan has ${plan.tasks.length} tasks; at most ${PLAN_LIMITS.tasks} are allowed`] : []),
    ...duplicates(plan.tasks.map((task) => task.id)).map((id) => `Task id "${id}" is used more than once`),
    ...plan.tasks.flatMap((task) => taskProblems(task, byId, tools)),
  ];
  if (problems.length > 0) return problems;
  const cycle = findCycle(plan);
  if (cycle !== undefined) return [`The dependencies form a cycle: ${cycle.join(" → ")}`];
  const depth = Math.max(...levelsOf(plan).values()) + 1;
  return depth > PLAN_LIMITS.depth ? [`The plan is ${depth} levels deep; at most ${PLAN_LIMITS.depth} are allowed`] : [];
}

function taskProblems(task: PlannedTask, byId: ReadonlyMap<string, PlannedTask>, tools: readonly string[]): string[] {
  return [
    ...duplicates(task.dependencies).map((id) => `Task "${task.id}" names the dependency "${id}" more than once`),
    ...task.dependencies.filter((id) => id === task.id).map(() => `Task "${task.id}" depends on itself`),
    ...task.dependencies.filter((id) => !byId.has(id)).map((id) => `Task "${task.id}" depends on "${id}", which is not in the plan`),
    ...task.required_capabilities
      .filter((capability) => !tools.includes(capability))
      .map((capability) => `Task "${task.id}" requires "${capability}"; the tools are: ${tools.join(", ")}`),
  ];
}

function duplicates(values: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const value of values) (seen.has(value) ? twice : seen).add(value);
  return [...twice];
}

/** The ids along one cycle, first and last the same; undefined when there is none. Dependencies must be known. */
export function findCycle(plan: Plan): string[] | undefined {
  const dependencies = new Map(plan.tasks.map((task) => [task.id, task.dependencies]));
  const state = new Map<string, "open" | "closed">();
  const path: string[] = [];
  function visit(id: string): string[] | undefined {
    if (state.get(id) === "closed") return undefined;
    if (state.get(id) === "open") return [...path.slice(path.indexOf(id)), id];
    state.set(id, "open");
    path.push(id);
    for (const next of dependencies.get(id) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    state.set(id, "closed");
    return undefined;
  }
  for (const task of plan.tasks) {
    const cycle = visit(task.id);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The level of each task: 0 without dependencies, else one more than its deepest dependency. The plan must be acyclic. */
export function levelsOf(plan: Plan): Map<string, number> {
  const dependencies = new Map(plan.tasks.map((task) => [task.id, task.dependencies]));
  const levels = new Map<string, number>();
  function levelOf(id: string): number {
    const known = levels.get(id);
    if (known !== undefined) return known;
    const level = Math.max(-1, ...(dependencies.get(id) ?? []).map(levelOf)) + 1;
    levels.set(id, level);
    return level;
  }
  for (const task of plan.tasks) levelOf(task.id);
  return levels;
}
