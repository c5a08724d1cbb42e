import { rm } from "node:fs/promises";
import path from "node:path";
import { functionTable } from "../functions/function-table.ts";
import { bundleFunction } from "./build/bundle-function.ts";
import { formatSizes, measureFunction } from "./build/size-table.ts";
import { findZoneBreaches } from "./build/zone-walls.ts";

/** No function may load more than this at its start: it would be felt in every cold start. */
const largestStart = 1_000_000;

/** Bundles every Lambda function into `dist/functions/` and prints their sizes; 1 when one breaks its zone or is too large. */
export async function main(): Promise<number> {
  const root = process.env["COGNITION_ROOT"] ?? process.cwd();
  await rm(path.join(root, "dist/functions"), { recursive: true, force: true });
  const functions = await Promise.all(
    Object.entries(functionTable).map(async ([entry, { zone }]) => {
      const metafile = await bundleFunction(root, entry);
      return { entry, zone, ...measureFunction(metafile), breaches: findZoneBreaches(zone, metafile) };
    }),
  );
  process.stdout.write(`${formatSizes(functions)}\n`);
  const complaints = functions.flatMap(({ entry, zone, start, breaches }) => [
    ...breaches.map((found) => `${entry} is in the ${zone} zone and must not hold ${found}.`),
    ...(start > largestStart ? [`${entry} loads ${start} bytes at its start; the most is ${largestStart}.`] : []),
  ]);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  return complaints.length === 0 ? 0 : 1;
}
