import { checkEnd } from "./check-end.ts";
import type { Checks, Violation } from "./checks.ts";
import { createSimulation, type SimulationPlace } from "./create-simulation.ts";
import type { FaultCounts } from "./faults.ts";
import { findNextMoment, isQuiet, takeStep } from "./live.ts";
import { settle } from "./settle.ts";

export type Outcome = {
  readonly seed: number;
  /** Goals, each a run with a DAG of its own. */
  readonly runs: number;
  readonly violations: readonly Violation[];
  readonly counts: Checks["counts"];
  readonly faults: FaultCounts;
  readonly facts: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
};

/** Steps that things may go wrong in, for each goal. */
const STEPS = 500;

/** Lives one seed: faults for a while, then calm until the end, then the books. The same seed on an empty database does the same again. */
export async function simulate(seed: number, place: SimulationPlace): Promise<Outcome> {
  const simulation = await createSimulation(seed, place);
  for (let step = 0; step < STEPS * simulation.goals.length && !isQuiet(simulation); step += 1) {
    if (await takeStep(simulation)) continue;
    const next = findNextMoment(simulation);
    if (next === Infinity) break;
    simulation.clock.advanceTo(next);
  }
  await settle(simulation);
  await checkEnd(simulation);
  const { checks, faults, facts, trace, goals } = simulation;
  return { seed, runs: goals.length, violations: checks.violations, counts: checks.counts, faults, facts, trace };
}
