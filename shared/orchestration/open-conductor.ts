import type { ConductorDeps } from "./deps.ts";
import { openLedger } from "./open-ledger.ts";
import { openPrices } from "./open-prices.ts";
import { openRuns } from "./open-runs.ts";

let opened: Promise<ConductorDeps> | undefined;

/** What runs are moved with, opened once a process. A failed opening is tried anew by the next call. */
export function openConductor(): Promise<ConductorDeps> {
  if (opened === undefined) {
    opened = open();
    opened.catch(() => {
      opened = undefined;
    });
  }
  return opened;
}

async function open(): Promise<ConductorDeps> {
  const [{ defaultModel, ...runs }, ledger] = await Promise.all([openRuns(), openLedger()]);
  return { ...runs, ...ledger, prices: await openPrices(defaultModel, new Date()) };
}
