import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../local/state-folder.ts";
import { installNode, type NodeBinary, ownNode } from "../tests/parity/node-binary.ts";
import { findSlow, formatColdStarts, type MeasuredFunction } from "./cold-start-table.ts";
import { buildFunctions, buildNothing } from "./cold-starts.ts";
import { createStarter, measureInTurns } from "./start-process.ts";

const LEAST_RUNS = 15;
const USAGE = `Usage: npm run bench:coldstart -- [--runs N, ${LEAST_RUNS} or more] [--node MAJOR or path]\n`;

/** `npm run bench:coldstart`: what it costs to start each function, against one that does nothing. Answers 1 when a budget is missed. */
export async function main(argv: string[]): Promise<number> {
  const wish = readWish(argv);
  if (wish === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const node = await findNode(wish.node);
  const folder = mkdtempSync(join(tmpdir(), "cognition-coldstart-"));
  try {
    const { functions, nothing } = await measure(node.file, folder, wish.runs);
    const machine = `Node ${node.version}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`;
    process.stdout.write(`${formatColdStarts(functions)}
Medians of ${wish.runs} processes each, in turns: processor time of all their threads, in user and system mode, from their start until all
is imported; a function that does nothing takes ${nothing.toFixed(1)} ms of it. ${machine}.\n`);
    const complaints = findSlow(functions);
    for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
    return complaints.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await node.remove();
  }
}

function readWish(argv: string[]): { runs: number; node: string | undefined } | undefined {
  try {
    const { values } = parseArgs({ args: argv, options: { runs: { type: "string" }, node: { type: "string" } } });
    const runs = Number(values.runs ?? LEAST_RUNS);
    return Number.isInteger(runs) && runs >= LEAST_RUNS ? { runs, node: values.node } : undefined;
  } catch {
    return undefined;
  }
}

async function findNode(wish: string | undefined): Promise<NodeBinary> {
  if (wish === undefined) return ownNode;
  return wish.includes("/") ? { file: wish, version: `at ${wish}`, remove: async () => undefined } : installNode(wish);
}

async function measure(node: string, folder: string, runs: number): Promise<{ functions: MeasuredFunction[]; nothing: number }> {
  const [functions, nothing] = await Promise.all([buildFunctions(projectRoot(), folder), buildNothing(folder)]);
  const subjects = new Map([["nothing", nothing.files]]);
  for (const { entry, start, firstCall } of functions) {
    subjects.set(entry, start.files);
    if (firstCall !== undefined) subjects.set(`${entry} called`, firstCall.files);
  }
  const times = await measureInTurns(await createStarter(node, folder), subjects, runs);
  const bare = times.get("nothing") ?? Number.NaN;
  const ratioOf = (name: string) => (times.get(name) ?? Number.NaN) / bare;
  return {
    nothing: bare,
    functions: functions.map((found) => ({
      ...found,
      ratio: ratioOf(found.entry),
      firstRatio: found.firstCall === undefined ? undefined : ratioOf(`${found.entry} called`),
    })),
  };
}
