import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { listRepositoryFiles } from "../architecture/source-file.ts";
import { applyMutant } from "../mutants/mutant.ts";
import { copyTree } from "../mutants/try-mutants.ts";
import { bugs } from "./bugs.ts";

/** Runs within which each must be found. */
const RUNS = 300;

/** Makes sure that nothing is found without a bug, then plants one after the other in a copy of the tree and lets the simulation find it. 1 when one of them was not found. */
export async function findBugs(root: string): Promise<number> {
  const copy = await copyTree({ root, files: listRepositoryFiles(), env: process.env });
  let missed = 0;
  try {
    for (const postgres of [false, true]) {
      const found = await simulateIn(copy, postgres);
      if (found !== undefined) throw new Error(`Without any bug the simulation fails already, so it proves nothing: ${found}`);
    }
    for (const bug of bugs) {
      const file = path.join(copy, bug.file);
      const original = await readFile(file, "utf8");
      await writeFile(file, applyMutant(original, bug));
      const found = await simulateIn(copy, bug.needsPostgres === true);
      await writeFile(file, original);
      if (found === undefined) missed += 1;
      process.stdout.write(`${bug.name} -> ${found ?? `NOT FOUND in ${RUNS} runs`}\n`);
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  process.stdout.write(`${bugs.length - missed} of ${bugs.length} bugs found\n`);
  return missed === 0 ? 0 : 1;
}

async function simulateIn(copy: string, postgres: boolean): Promise<string | undefined> {
  const options = ["--runs", String(RUNS), "--tasks", "6", "--stop", ...(postgres ? ["--postgres"] : [])];
  const args = ["local/launch.mjs", "run", "tests/simulation/run-simulation.ts", ...options];
  const child = spawn(process.execPath, args, { cwd: copy, env: process.env, stdio: ["ignore", "pipe", "ignore"] });
  const said = await text(child.stdout);
  return /^FOUND (.*)$/m.exec(said)?.[1];
}
