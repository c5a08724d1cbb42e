import type { JsonObject } from "../../shared/platform/json.ts";
import { createRandom, type Random } from "./random.ts";

/** How an executor divides its task, where it is offered that, and what it proposes before. */
export type Division = {
  /** Refused at first: as a circle, or because something else is called beside it. */
  readonly begins: "well" | "with a circle" | "beside another call";
  readonly proposal: JsonObject;
};

export type Divisions = {
  /** How deep below the plan tasks may be divided. */
  readonly depth: number;
  /** By the name of the task. */
  readonly byName: ReadonlyMap<string, Division>;
  /** Subtasks whose agent gives up. */
  readonly failing: readonly string[];
};

/** In most goals nobody divides anything. Drawn from the name of the goal, so that all else in the life of a seed is as it was. */
export function drawDivisions(goal: string, tasks: readonly string[]): Divisions {
  const random = createRandom(Buffer.from(goal).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7));
  if (random.chance(0.6)) return { depth: 0, byName: new Map(), failing: [] };
  const depth = random.integer(1, 2);
  const byName = new Map<string, Division>();
  const failing: string[] = [];
  // A map is walked to its end, so subtasks may be divided as well; one level more is proposed than is allowed.
  for (let level = tasks, left = depth + 1; left > 0; left -= 1) {
    const divided = level.filter(() => random.chance(0.4)).slice(0, 3);
    for (const name of divided) byName.set(name, drawDivision(random, name));
    level = divided.flatMap((name) => namesOf(byName.get(name)));
    failing.push(...level.filter(() => random.chance(0.04)));
  }
  return { depth, byName, failing };
}

function drawDivision(random: Random, of: string): Division {
  const ids = Array.from({ length: random.integer(1, 3) }, (_, index) => `s${index + 1}`);
  const subtasks = ids.map((id, index) => ({
    id,
    name: `${of}/${id}`,
    description: `Do ${id} of ${of}`,
    dependencies: random.shuffle(ids.slice(0, index)).slice(0, random.integer(0, index)),
  }));
  return {
    begins: random.pick(["well", "well", "well", "with a circle", "beside another call"] as const),
    proposal: { subtasks, ...(random.chance(0.5) ? { notes: `what ${of} has to know` } : {}) },
  };
}

function namesOf(division: Division | undefined): string[] {
  const subtasks = division?.proposal["subtasks"];
  return Array.isArray(subtasks) ? subtasks.flatMap((task) => (isNamed(task) ? [task.name] : [])) : [];
}

function isNamed(task: unknown): task is { name: string } {
  return typeof task === "object" && task !== null && "name" in task && typeof task.name === "string";
}
