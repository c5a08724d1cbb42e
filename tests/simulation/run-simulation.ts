import { parseArgs } from "node:util";
import * as z from "zod";
import { startServices } from "../services/start-services.ts";
import { findBugs } from "./find-bugs.ts";
import { openEmbeddedPlace, openPostgresPlace } from "./open-place.ts";
import { simulateInWorkers, TALLY } from "./simulate-in-workers.ts";
import { simulateMany } from "./simulate-many.ts";
import { type StopEarly, stopAtInterrupt } from "./stop-early.ts";
import { addTally, createTally, describeFailure, describeTally, type Tally } from "./tally.ts";

/** Failures that are told in full. */
const TOLD = 5;

const OPTIONS = {
  runs: { type: "string", default: "300" },
  seed: { type: "string", default: "1" },
  tasks: { type: "string", default: "12" },
  /** Processes, each with a database of its own. */
  workers: { type: "string", default: "1" },
  /** Prints what it came to for the process that started it. */
  tally: { type: "boolean", default: false },
  postgres: { type: "boolean", default: false },
  /** At the first failure. */
  stop: { type: "boolean", default: false },
  bugs: { type: "boolean", default: false },
} as const;

const Options = z.object({
  runs: z.coerce.number().int().min(1),
  seed: z.coerce.number().int().min(0),
  tasks: z.coerce.number().int().min(2).max(200),
  workers: z.coerce.number().int().min(1).max(64),
  postgres: z.boolean(),
  stop: z.boolean(),
  tally: z.boolean(),
  bugs: z.boolean(),
});
type Options = z.infer<typeof Options>;

/** Lives seed after seed and prints faults, checks and what broke; 1 when anything did. With `--bugs`: plants each bug and must find it. */
export async function main(argv: readonly string[]): Promise<number> {
  const parsed = Options.safeParse(parseArgs({ args: [...argv], options: OPTIONS }).values);
  if (!parsed.success) {
    process.stderr.write(`${z.prettifyError(parsed.error)}\n`);
    return 2;
  }
  const { data: options } = parsed;
  const services = options.postgres || options.bugs ? await startServices((line) => process.stderr.write(`${line}\n`)) : undefined;
  // Processes that this one starts find it there.
  if (services !== undefined) process.env["DATABASE_URL"] = services.databaseUrl;
  try {
    if (options.bugs) return await findBugs(process.env["COGNITION_ROOT"] ?? process.cwd());
    return await simulateAndTell(options);
  } finally {
    await services?.stop();
  }
}

async function simulateAndTell(options: Options): Promise<number> {
  const stop = stopAtInterrupt(() => {
    if (!options.tally) process.stderr.write("stopping: the runs under way come to their end\n");
  });
  const again = ["--tasks", String(options.tasks), ...(options.postgres ? ["--postgres"] : [])];
  if (options.workers === 1) {
    const tally = await simulateHere(options, stop);
    if (!options.tally) return tell(tally, again);
    process.stdout.write(`${TALLY}${JSON.stringify(tally)}\n`);
    return 0;
  }
  // Their Ctrl-C is this one's: a terminal sends it to all.
  return tell(await simulateInWorkers(options.workers, options.seed, options.runs, again), again);
}

/** Runs that share a database: one that nobody vacuums does not grow for hours. */
const RUNS_OF_A_DATABASE = 150;

async function simulateHere({ runs, seed, tasks, postgres, stop: stopAtFailure }: Options, stop: StopEarly): Promise<Tally> {
  const all = createTally();
  const show = showProgress(runs);
  while (all.runs < runs && !stop.isWanted && !(stopAtFailure && all.failed.length > 0)) {
    const place = postgres ? await openPostgresPlace(tasks) : await openEmbeddedPlace(tasks);
    const share = { first: seed + all.seeds, runs: Math.min(runs - all.runs, RUNS_OF_A_DATABASE) };
    try {
      addTally(all, await simulateMany(share, place, { stopAtFailure, stop }));
    } finally {
      await place.close();
    }
    show(all);
  }
  return all;
}

function tell(tally: Tally, again: readonly string[]): number {
  for (const failed of tally.failed.slice(0, TOLD))
    process.stdout.write(`${describeFailure(failed, again.map((part) => ` ${part}`).join(""))}\n`);
  process.stdout.write(`${describeTally(tally)}\n`);
  const [broken] = tally.failed.flatMap((failed) => failed.violations);
  if (broken !== undefined) process.stdout.write(`FOUND by run ${tally.runs}: ${broken.invariant}: ${broken.detail.slice(0, 120)}\n`);
  return broken === undefined ? 0 : 1;
}

function showProgress(runs: number): (tally: Tally) => void {
  let told = 0;
  return (tally) => {
    if (tally.runs - told < runs / 20) return;
    told = tally.runs;
    process.stderr.write(`${tally.runs} of ${runs} runs, ${tally.failed.length} seeds failed\n`);
  };
}
