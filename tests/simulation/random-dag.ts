import type { Plan } from "../../shared/agents/contract.ts";
import { planOf } from "../world/scripted-hands.ts";
import { type Divisions, drawDivisions } from "./draw-divisions.ts";
import { drawPolicy } from "./draw-policy.ts";
import type { Random } from "./random.ts";

/** How an executor goes about its task: what it asks for before it answers. */
export type Shape = "answers at once" | "calls one tool" | "calls two tools at once" | "calls two tools in turn";

export type GoalScript = {
  readonly goal: string;
  readonly plan: Plan;
  /** What the goal is planned as when an earlier plan came to nothing. */
  readonly replan: Plan;
  /** By the name of the task. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Tasks whose agent gives up. */
  readonly failing: ReadonlySet<string>;
  /** Tasks that may be skipped: those that follow are given null for their result. */
  readonly skippable: ReadonlySet<string>;
  /** The planner's first plan waits for itself and must be corrected. */
  readonly plansBadly: boolean;
  readonly approves: boolean;
  /** Times that the run may be planned again. */
  readonly replans: number;
  /** Whoever posts the goal brings its plan along. */
  readonly isPlanGiven: boolean;
  /** A person must approve the plan, and its tasks are held to it. */
  readonly planOnly: boolean;
  /** Which executors divide their tasks. */
  readonly divisions: Divisions;
  /** Nano-dollars; null: none. */
  readonly limit: bigint | null;
};

const SHAPES: readonly Shape[] = [
  "answers at once",
  "answers at once",
  "calls one tool",
  "calls two tools at once",
  "calls two tools in turn",
];

/** A goal with a plan of 2 to `most` tasks, each with up to three parents, and everything that its agents will say. */
export function drawGoal(random: Random, name: string, most: number): GoalScript {
  const plan = drawPlan(random, "t", random.integer(2, most));
  const replan = drawPlan(random, "r", random.integer(1, 3));
  const tasks = [...plan.tasks, ...replan.tasks];
  const divisions = drawDivisions(
    name,
    tasks.map((task) => task.name),
  );
  return {
    goal: name,
    plan,
    replan,
    divisions,
    shapes: new Map(tasks.map((task) => [task.name, random.pick(SHAPES)])),
    failing: new Set([...tasks.filter(() => random.chance(0.05)).map((task) => task.name), ...divisions.failing]),
    skippable: new Set(tasks.filter((task) => task.policy?.fallback?.kind === "skip").map((task) => task.name)),
    plansBadly: random.chance(0.1),
    approves: random.chance(0.95),
    replans: random.pick([0, 0, 1, 2]),
    isPlanGiven: random.chance(0.2),
    planOnly: random.chance(0.15),
    limit: random.chance(0.6) ? null : BigInt(random.integer(300, 3_000)),
  };
}

function drawPlan(random: Random, prefix: string, size: number): Plan {
  const ids = Array.from({ length: size }, (_, index) => `${prefix}${index + 1}`);
  const plan = planOf(Object.fromEntries(ids.map((id, index) => [id, drawParents(random, ids.slice(0, index))])));
  return {
    ...plan,
    tasks: plan.tasks.map((task) => {
      const policy = drawPolicy(random);
      return policy === undefined ? task : { ...task, policy };
    }),
  };
}

function drawParents(random: Random, earlier: readonly string[]): string[] {
  return random.shuffle(earlier).slice(0, random.integer(0, Math.min(3, earlier.length)));
}
