import { createInterface } from "node:readline";
import { openDbos } from "./dbos.mjs";
import { openGraphileWorker } from "./graphile-worker.mjs";

// Orders come as lines of JSON, {"engine", "shape", "count"}; each is answered by a line: {"seconds"}, or {"error"} with the reason.
// Arguments: the address of an empty database for each engine.

const [dbosUrl = "", graphileUrl = ""] = process.argv.slice(2);
const engines = { dbos: await openDbos(dbosUrl), "graphile-worker": await openGraphileWorker(graphileUrl) };
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  const { engine, shape, count } = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify({ seconds: await engines[engine].run(shape, count) })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
}
process.exit(0);
