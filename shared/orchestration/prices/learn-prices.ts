import type { ConductorDeps } from "../deps.ts";
import type { PoolAgent } from "../domain/choose-agent.ts";
import type { AttemptJournal } from "../sql/read-journals.ts";
import type { StartableTask } from "../sql/read-startable.ts";

/** Agents may have models of their own: the prices of what is to begin are learned before its first call is drafted. */
export async function learnPricesOfTasks({ prices }: Pick<ConductorDeps, "prices">, tasks: readonly StartableTask[]): Promise<void> {
  await prices.learn?.(tasks.map(({ agent, options }) => (agent.model === "default" ? options.model : agent.model)));
}

/** The prices of what goes on, before any of it is charged or decided. */
export async function learnPricesOfJournals({ prices }: Pick<ConductorDeps, "prices">, journals: readonly AttemptJournal[]): Promise<void> {
  await prices.learn?.(journals.flatMap(({ briefing }) => (briefing.role === "caller" ? [] : [briefing.model])));
}

/** The prices of all agents that tasks may be given to, before one is chosen by them. */
export async function learnPricesOfPools(
  { prices }: Pick<ConductorDeps, "prices">,
  pools: ReadonlyMap<string, readonly PoolAgent[]>,
): Promise<void> {
  await prices.learn?.([...pools.values()].flat().flatMap(({ model }) => (model === "default" ? [] : [model])));
}
