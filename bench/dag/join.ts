import { openDatabase } from "../../shared/platform/db/database.ts";
import { openBench } from "./open-bench.ts";
import { runDags } from "./run-dags.ts";
import { joinOf } from "./shapes.ts";

const SIZE = 10_000;
const WIDTH = 5_000;

/** In a process of its own, so that its memory is the conductor's: the addresses of a database, as the product and as its owner. */
export async function main([url = "", ownerUrl = ""]: string[]): Promise<number> {
  const [database, owner] = await Promise.all([openDatabase(url, { poolSize: 10 }), openDatabase(ownerUrl)]);
  try {
    const { seconds } = await runDags(await openBench(database), owner, joinOf(SIZE, WIDTH));
    const megabytes = process.resourceUsage().maxRSS / 1_024;
    process.stdout.write(`${JSON.stringify({ seconds, tasks: SIZE, megabytes })}\n`);
    return 0;
  } finally {
    await Promise.all([database.close(), owner.close()]);
  }
}
