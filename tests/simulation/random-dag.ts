import type { Plan } from "../../shared/agents/contract.ts";
import { planOf } from "../world/scripted-hands.ts";
import type { Random } from "./random.ts";

/** How an executor goes about its task: what it asks for before it answers. */
export type Shape = "answers at once" | "calls one tool" | "calls two tools at once" | "calls two tools in turn";

export type GoalScript = {
  readonly goal: string;
  readonly plan: Plan;
  /** By the name of the task. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Tasks whose agent gives up. */
  readonly failing: ReadonlySet<string>;
  /** The planner's first plan waits for itself and must be corrected. */
  readonly plansBadly: boolean;
  readonly approves: boolean;
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
  const ids = Array.from({ length: random.integer(2, most) }, (_, index) => `t${index + 1}`);
  const plan = planOf(Object.fromEntries(ids.map((id, index) => [id, drawParents(random, ids.slice(0, index))])));
  const names = plan.tasks.map((task) => task.name);
  return {
    goal: name,
    plan,
    shapes: new Map(names.map((task) => [task, random.pick(SHAPES)])),
    failing: new Set(names.filter(() => random.chance(0.03))),
    plansBadly: random.chance(0.1),
    approves: random.chance(0.95),
    limit: random.chance(0.6) ? null : BigInt(random.integer(300, 3_000)),
  };
}

function drawParents(random: Random, earlier: readonly string[]): string[] {
  return random.shuffle(earlier).slice(0, random.integer(0, Math.min(3, earlier.length)));
}
