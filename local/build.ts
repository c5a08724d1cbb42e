import { rm } from "node:fs/promises";
import path from "node:path";
import { functionEntries, functionTable } from "../functions/function-table.ts";
import { kindOf } from "./build/budgets.ts";
import { bundleFunction } from "./build/bundle-function.ts";
import { findExcess, formatSizes, measureFunction } from "./build/size-table.ts";
import { findZoneBreaches } from "./build/zone-walls.ts";

/** Bundles every Lambda function into `dist/functions/` and prints their sizes; 1 when one breaks its zone or is over its budget. */
export async function main(): Promise<number> {
  const root = process.env["COGNITION_ROOT"] ?? process.cwd();
  await rm(path.join(root, "dist/functions"), { recursive: true, force: true });
  const functions = await Promise.all(
    functionEntries.map(async (entry) => {
      const { zone } = functionTable[entry];
      const metafile = await bundleFunction(root, entry);
      return { entry, kind: kindOf[entry], zone, ...measureFunction(metafile), breaches: findZoneBreaches(zone, metafile) };
    }),
  );
  process.stdout.write(`${formatSizes(functions)}\n`);
  const complaints = [
    ...functions.flatMap(({ entry, zone, breaches }) =>
      breaches.map((found) => `${entry} is in the ${zone} zone and must not hold ${found}.`),
    ),
    ...findExcess(functions),
  ];
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  return complaints.length === 0 ? 0 : 1;
}
