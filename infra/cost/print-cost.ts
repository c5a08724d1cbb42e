import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type alwaysOn, findNewAlwaysOn } from "./always-on.ts";
import { billMonth, billUse } from "./bill.ts";
import { formatBill } from "./format-bill.ts";
import { listIdleCharges, sleepsWhenIdle } from "./idle-month.ts";
import { loadPrices, type PriceTable } from "./price-table.ts";
import { Template } from "./template.ts";
import { awakeMonth, listApiCharges, listModelCharges, listTaskCharges } from "./workload.ts";

type Stage = keyof typeof alwaysOn;
const stages: readonly Stage[] = ["dev", "prod"];

/** `npm run cost`: what each synthesised stage costs. Exits 1 when one pays for something that always-on.ts does not allow. */
export async function main(): Promise<number> {
  const prices = loadPrices();
  const findings = stages.flatMap((stage) => printStage(stage, readTemplates(stage), prices));
  for (const finding of findings) process.stderr.write(`${finding}\n`);
  return findings.length === 0 ? 0 : 1;
}

function printStage(stage: Stage, templates: readonly Template[], prices: PriceTable): readonly string[] {
  const idle = billMonth(listIdleCharges(templates), prices);
  const bills = [
    formatBill(`${stage}, a month of 730 hours in which nobody comes`, idle),
    ...(sleepsWhenIdle(templates) ? [formatBill(`${stage}, more if the database never sleeps`, billUse([awakeMonth], prices))] : []),
    formatBill(`${stage}, 1,000 tasks`, billUse(listTaskCharges(templates), prices)),
    formatBill(`${stage}, the model of 1,000 tasks, for scale`, billUse(listModelCharges(), prices)),
    formatBill(`${stage}, 1,000,000 calls of the API within three hours`, billUse(listApiCharges(templates), prices)),
  ];
  process.stdout.write(
    `${bills.join("\n")}\nPrices of ${prices.region}; [U]: from memory, not confirmed. Sources and dates: prices.json.\n\n`,
  );
  return findNewAlwaysOn(stage, idle);
}

/** @throws Error when the stage was not synthesised */
export function readTemplates(stage: Stage): readonly Template[] {
  const folder = join(process.env["COGNITION_ROOT"] ?? process.cwd(), "dist/cdk", stage);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".template.json")) : [];
  if (files.length === 0) throw new Error(`There are no templates of ${stage}: run npm run synth first.`);
  return files.toSorted().map((file) => Template.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))));
}
