import { acceptsTasks, type HealthyAgent, roomOf } from "./agent-health.ts";
import type { NewTask } from "./batch.ts";

export type PoolAgent = HealthyAgent & { id: string; role: string; capabilities: string[]; model: string };

type Complexity = NewTask["complexity"];

/** What a model would cost for a task of a complexity, in nano-dollars; null where nobody knows. */
export type ExpectCost = (model: string, complexity: Complexity) => bigint | null;

/** Tokens of all calls of one task, roughly: enough to tell a cheap model from a dear one. */
export const EXPECTED_TOKENS: Readonly<Record<Complexity, { input: number; output: number }>> = {
  low: { input: 4_000, output: 1_000 },
  medium: { input: 20_000, output: 4_000 },
  high: { input: 80_000, output: 16_000 },
};

export type Circumstances = {
  /** ISO 8601. */
  now: string;
  complexity?: Complexity;
  expectCost?: ExpectCost;
  /** How many tasks each agent was given that its row does not know of. */
  assigned?: ReadonlyMap<string, number>;
  /** The agent that just failed at it. */
  avoid?: string | undefined;
};

/**
 * The best agent for a role that has every capability; undefined when there is none. Those that cool down come last, then the one that just
 * failed at it, then those without room; among the others the cheaper model wins, then the one with more room. Retired ones are never chosen.
 */
export function chooseAgent<Agent extends PoolAgent>(
  pool: readonly Agent[],
  role: string,
  capabilities: readonly string[],
  circumstances: Circumstances,
): Agent | undefined {
  const { now, avoid, assigned, complexity = "medium", expectCost = () => null } = circumstances;
  const candidates = pool
    .filter((agent) => agent.status !== "offline" && servesRole(agent, role, capabilities))
    .map((agent) => {
      const room = roomOf(agent, now) - (assigned?.get(agent.id) ?? 0);
      const cost = expectCost(agent.model, complexity);
      return { agent, room, cost, isAvailable: acceptsTasks(agent, now), isAvoided: agent.id === avoid };
    });
  const [best] = candidates.toSorted(
    (left, right) =>
      Number(right.isAvailable) - Number(left.isAvailable) ||
      Number(left.isAvoided) - Number(right.isAvoided) ||
      Number(right.room > 0) - Number(left.room > 0) ||
      compareCosts(left.cost, right.cost) ||
      right.room - left.room ||
      (left.agent.id < right.agent.id ? -1 : 1),
  );
  return best?.agent;
}

/** Custom agents carry out tasks that ask for something they have; what asks for nothing is for executors. */
function servesRole({ role, capabilities: own }: PoolAgent, wanted: string, capabilities: readonly string[]): boolean {
  const isRole = role === wanted || (wanted === "executor" && role === "custom" && capabilities.length > 0);
  return isRole && capabilities.every((capability) => own.includes(capability));
}

/** An unknown cost is above every known one. */
function compareCosts(left: bigint | null, right: bigint | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
