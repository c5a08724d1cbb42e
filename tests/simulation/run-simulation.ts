import { parseArgs } from "node:util";
import { openEmbeddedPlace } from "./open-place.ts";
import { simulateMany } from "./simulate-many.ts";
import { describeFailure, describeTally, type Tally } from "./tally.ts";

/** Failures that are told in full. */
const TOLD = 5;

/** Lives seed after seed and prints faults, checks and what broke; 1 when anything did. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { runs: { type: "string", default: "300" }, seed: { type: "string", default: "1" }, tasks: { type: "string", default: "12" } },
  });
  const [runs, first, mostTasks] = [values.runs, values.seed, values.tasks].map(Number);
  if (!(runs !== undefined && first !== undefined && mostTasks !== undefined && runs > 0 && first >= 0 && mostTasks > 1)) {
    process.stderr.write("--runs and --seed are numbers, and --tasks is 2 or more\n");
    return 2;
  }
  const place = await openEmbeddedPlace(mostTasks);
  try {
    const tally = await simulateMany({ first, step: 1, runs }, place, { onSeed: showProgress(runs) });
    for (const failed of tally.failed.slice(0, TOLD)) process.stdout.write(`${describeFailure(failed, ` --tasks ${mostTasks}`)}\n`);
    process.stdout.write(`${describeTally(tally)}\n`);
    return tally.failed.length === 0 ? 0 : 1;
  } finally {
    await place.close();
  }
}

function showProgress(runs: number): (tally: Tally) => void {
  let told = 0;
  return (tally) => {
    if (tally.runs - told < runs / 20) return;
    told = tally.runs;
    process.stderr.write(`${tally.runs} of ${runs} runs, ${tally.failed.length} seeds failed\n`);
  };
}
