import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { routeTable } from "../../functions/route-table.ts";
import { projectRoot } from "../../local/state-folder.ts";
import { createEventFixture } from "./event-fixture.ts";

/** Writes examples/events from the route table; a test refuses those that are older than the routes. */
export async function main(): Promise<number> {
  rmSync(join(projectRoot(), "examples/events"), { recursive: true, force: true });
  for (const { file, event } of routeTable.map(createEventFixture)) {
    const target = join(projectRoot(), file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, `${JSON.stringify(event, null, 2)}\n`);
    process.stdout.write(`${file}\n`);
  }
  return 0;
}
