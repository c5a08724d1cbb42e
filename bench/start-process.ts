import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/** What Lambda's runtime does before the first event: it has `awslambda` and imports the handler. Prints microseconds of processor time. */
const LOADER = `import { writeSync } from "node:fs";
globalThis.awslambda = { streamifyResponse: (handler) => handler, HttpResponseStream: { from: (stream) => stream } };
for (const file of process.argv.slice(2)) await import(file);
const { user, system } = process.cpuUsage();
writeSync(1, String(user + system));
process.exit();
`;

export type StartProcess = (files: readonly string[]) => Promise<number>;

/** Starts fresh processes of `node` that import files, one after the other, and answers the milliseconds of all their threads. */
export async function createStarter(node: string, folder: string): Promise<StartProcess> {
  const loader = path.join(folder, "loader.mjs");
  await writeFile(loader, LOADER);
  return async (files) => {
    const { stdout } = await promisify(execFile)(node, [loader, ...files], { env: {} });
    return Number(stdout) / 1_000;
  };
}

/** The median of each subject's times. All take turns, so that whatever else the machine does meets them alike. */
export async function measureInTurns(
  start: StartProcess,
  subjects: ReadonlyMap<string, readonly string[]>,
  runs: number,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map([...subjects.keys()].map((name) => [name, [] as number[]]));
  for (let run = 0; run < runs; run += 1) {
    for (const [name, files] of subjects) times.get(name)?.push(await start(files));
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const [lower = Number.NaN, upper = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (lower + upper) / 2;
}
