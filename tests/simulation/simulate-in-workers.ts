import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { addTally, createTally, type Tally } from "./tally.ts";

/** Apart by more than any of them lives. */
const SEEDS_OF_A_WORKER = 10_000_000;

/** What a worker says last, on a line of its own. */
export const TALLY = "TALLY ";

/** Divides runs between processes, each with seeds and a database of its own. */
export async function simulateInWorkers(workers: number, first: number, runs: number, options: readonly string[]): Promise<Tally> {
  const tallies = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      runWorker(["--seed", String(first + index * SEEDS_OF_A_WORKER), "--runs", String(Math.ceil(runs / workers)), ...options]),
    ),
  );
  const all = createTally();
  for (const tally of tallies) addTally(all, tally);
  return all;
}

async function runWorker(options: readonly string[]): Promise<Tally> {
  const args = ["local/launch.mjs", "run", "tests/simulation/run-simulation.ts", "--tally", ...options];
  const child = spawn(process.execPath, args, { env: process.env, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith(TALLY)) return readTally(line.slice(TALLY.length));
  }
  throw new Error("a worker ended without a word");
}

/** As another process of this very program wrote it. */
function readTally(text: string): Tally {
  const tally: Tally = { ...createTally(), ...JSON.parse(text) };
  return tally;
}
