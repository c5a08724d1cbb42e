import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeRoutes } from "./openapi/describe-routes.ts";
import { projectRoot } from "./state-folder.ts";

/** Writes docs/openapi.json from the route table; a test refuses one that is older than the routes. */
export async function main(): Promise<number> {
  const file = join(projectRoot(), "docs/openapi.json");
  writeFileSync(file, `${JSON.stringify(describeRoutes(), null, 2)}\n`);
  process.stdout.write(`${file}\n`);
  return 0;
}
