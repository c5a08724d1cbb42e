import type { SimulationPlace } from "./create-simulation.ts";
import { simulate } from "./simulate.ts";
import type { StopEarly } from "./stop-early.ts";
import { addOutcome, createTally, type Tally } from "./tally.ts";

export type Seeds = {
  readonly first: number;
  /** Goals that are to be pursued at least. */
  readonly runs: number;
};

type Options = { onSeed?: (tally: Tally) => void; stopAtFailure?: boolean; stop?: StopEarly };

/** Lives one seed after the other until enough runs were made, or, where that is wanted, until one fails. */
export async function simulateMany(
  { first, runs }: Seeds,
  place: SimulationPlace,
  { onSeed = () => undefined, stopAtFailure = false, stop }: Options = {},
): Promise<Tally> {
  const tally = createTally();
  for (let seed = first; tally.runs < runs; seed += 1) {
    addOutcome(tally, await simulate(seed, place));
    onSeed(tally);
    if (stop?.isWanted === true || (stopAtFailure && tally.failed.length > 0)) break;
  }
  return tally;
}
