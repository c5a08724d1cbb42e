import { joinPointer } from "../../platform/api/pointer.ts";
import type { Plan, PlannedTask } from "../contract.ts";

export type PlanLimits = { readonly tasks: number; readonly depth: number; readonly edges: number };

/** What a planner may ask for. */
export const PLAN_LIMITS: PlanLimits = { tasks: 200, depth: 50, edges: 20_000 };

/** A fault of a plan: where it stands, as a JSON pointer from the plan's root, and a sentence that names the task. */
export type PlanFault = { pointer: string; detail: string };

/** Everything that is wrong with a planner's plan, each as a sentence that names the task; empty when it can be carried out. */
export function validatePlan(plan: Plan, tools: readonly string[], finished: readonly string[] = []): string[] {
  return findPlanFaults(plan, tools, PLAN_LIMITS, finished).map((fault) => fault.detail);
}

/**
 * Everything that is wrong with a plan, each with its place; empty when it can be carried out. Checks size, unique ids, known and acyclic
 * dependencies, depth, and that each required capability is a tool that exists. `finished`: tasks of an earlier plan, by the names under
 * which this one may depend on them.
 */
export function findPlanFaults(plan: Plan, tools: readonly string[], limits: PlanLimits, finished: readonly string[] = []): PlanFault[] {
  const size = plan.tasks.length;
  const edges = plan.tasks.reduce((sum, task) => sum + task.dependencies.length, 0);
  const known = new Set([...plan.tasks.map((task) => task.id), ...finished]);
  const faults = [
    ...(size > limits.tasks ? [faultAt(["tasks"], `The plan has ${size} tasks; at most ${limits.tasks} are allowed`)] : []),
    ...(edges > limits.edges ? [faultAt(["tasks"], `The plan has ${edges} dependencies; at most ${limits.edges} are allowed`)] : []),
    ...repeats(plan.tasks.map((task) => task.id)).map(([index, id]) =>
      faultAt(["tasks", index, "id"], `Task id "${id}" is used more than once`),
    ),
    ...[...plan.tasks.entries()]
      .filter(([, task]) => finished.includes(task.id))
      .map(([index, { id }]) => faultAt(["tasks", index, "id"], `Task id "${id}" is the name of a task that has completed`)),
    ...plan.tasks.flatMap((task, index) => faultsOfTask(task, index, known, tools)),
  ];
  if (faults.length > 0) return faults;
  const cycle = findCycle(plan);
  if (cycle !== undefined) return [faultAt(placeOf(plan, cycle[0]), `The dependencies form a cycle: ${describeCycle(cycle)}`)];
  const depth = 1 + [...levelsOf(plan).values()].reduce((deepest, level) => Math.max(deepest, level), -1);
  return depth > limits.depth ? [faultAt(["tasks"], `The plan is ${depth} levels deep; at most ${limits.depth} are allowed`)] : [];
}

function faultsOfTask(task: PlannedTask, index: number, known: ReadonlySet<string>, tools: readonly string[]): PlanFault[] {
  const at = (field: string, place: number) => ["tasks", index, field, place];
  const dependencies = [...task.dependencies.entries()];
  return [
    ...repeats(task.dependencies).map(([place, id]) =>
      faultAt(at("dependencies", place), `Task "${task.id}" names the dependency "${id}" more than once`),
    ),
    ...dependencies
      .filter(([, id]) => id === task.id)
      .map(([place]) => faultAt(at("dependencies", place), `Task "${task.id}" depends on itself`)),
    ...dependencies
      .filter(([, id]) => !known.has(id))
      .map(([place, id]) => faultAt(at("dependencies", place), `Task "${task.id}" depends on "${id}", which is not in the plan`)),
    ...[...task.required_capabilities.entries()]
      .filter(([, capability]) => !tools.includes(capability))
      .map(([place, capability]) =>
        faultAt(at("required_capabilities", place), `Task "${task.id}" requires "${capability}"; the tools are: ${tools.join(", ")}`),
      ),
  ];
}

function faultAt(path: readonly PropertyKey[], detail: string): PlanFault {
  return { pointer: joinPointer(path), detail };
}

function placeOf(plan: Plan, id: string | undefined): PropertyKey[] {
  return ["tasks", plan.tasks.findIndex((task) => task.id === id), "dependencies"];
}

/** A long circle is told by its beginning. */
function describeCycle(cycle: readonly string[]): string {
  return cycle.length <= 50 ? cycle.join(" → ") : `${cycle.slice(0, 50).join(" → ")} → … (${cycle.length - 1} tasks)`;
}

/** Each value that stands twice, once, with the place where it stands again. */
function repeats(values: readonly string[]): [place: number, value: string][] {
  const seen = new Set<string>();
  const twice = new Map<string, number>();
  for (const [place, value] of values.entries()) {
    if (seen.has(value) && !twice.has(value)) twice.set(value, place);
    seen.add(value);
  }
  return [...twice].map(([value, place]) => [place, value]);
}

type Graph = { readonly tasks: readonly { readonly id: string; readonly dependencies: readonly string[] }[] };

/**
 * The ids along one cycle, first and last the same; undefined when there is none. Dependencies must be known. A walk with a list of its own:
 * a chain may be longer than the stack is deep.
 */
export function findCycle(plan: Graph): string[] | undefined {
  const dependencies = new Map(plan.tasks.map((task) => [task.id, task.dependencies]));
  const closed = new Set<string>();
  for (const { id } of plan.tasks) {
    if (closed.has(id)) continue;
    const path = new Map([[id, nextsOf(dependencies, id)]]);
    const trail = [id];
    for (let current = trail.at(-1); current !== undefined; current = trail.at(-1)) {
      const next = path.get(current)?.next();
      if (next === undefined || next.done === true) {
        closed.add(current);
        path.delete(current);
        trail.pop();
      } else if (path.has(next.value)) {
        return [...trail.slice(trail.indexOf(next.value)), next.value];
      } else if (!closed.has(next.value)) {
        path.set(next.value, nextsOf(dependencies, next.value));
        trail.push(next.value);
      }
    }
  }
  return undefined;
}

function nextsOf(dependencies: ReadonlyMap<string, readonly string[]>, id: string): Iterator<string, undefined> {
  return (dependencies.get(id) ?? []).values();
}

/** The level of each task: 0 without dependencies, else one more than its deepest dependency. The plan must be acyclic. */
export function levelsOf(plan: Graph): Map<string, number> {
  const children = new Map<string, string[]>(plan.tasks.map((task) => [task.id, []]));
  const open = new Map<string, number>();
  for (const task of plan.tasks) {
    // What is not in the plan has completed.
    const own = task.dependencies.filter((id) => children.has(id));
    open.set(task.id, own.length);
    for (const dependency of own) children.get(dependency)?.push(task.id);
  }
  const levels = new Map<string, number>(plan.tasks.map((task) => [task.id, 0]));
  const ready = [...open].flatMap(([id, count]) => (count === 0 ? [id] : []));
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    const below = (levels.get(id) ?? 0) + 1;
    for (const child of children.get(id) ?? []) {
      levels.set(child, Math.max(levels.get(child) ?? 0, below));
      const left = (open.get(child) ?? 0) - 1;
      open.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  return levels;
}
