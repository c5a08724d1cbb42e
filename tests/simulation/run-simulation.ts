import { openTestDatabase } from "../database.ts";
import { simulate } from "./simulate.ts";

export async function main(argv: readonly string[]): Promise<number> {
  const { database, close } = await openTestDatabase();
  const started = Date.now();
  let runs = 0;
  const from = Number(argv[0] ?? 1);
  const count = Number(argv[1] ?? 10);
  for (let seed = from; seed < from + count; seed += 1) {
    const t = Date.now();
    const outcome = await simulate(seed, { database, connections: 1, mostTasks: 6 });
    runs += outcome.runs;
    process.stdout.write(`${seed} ${outcome.runs} ${Date.now() - t} ms ${outcome.trace.length} ${JSON.stringify(outcome.faults)}\n`);
    for (const v of outcome.violations.slice(0,5)) process.stdout.write(`  ${v.invariant}: ${v.detail}\n`);
    if (argv[2] === "trace") process.stdout.write(outcome.trace.join("\n") + "\n");
  }
  process.stdout.write(`${runs} runs in ${Date.now() - started} ms\n`);
  await close();
  return 0;
}
