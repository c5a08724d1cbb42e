import { openLedger } from "../ledger/open-ledger.ts";
import { openPrices } from "../prices/open-prices.ts";
import { openRuns } from "../runs/open-runs.ts";
import { type Conductor, conduct } from "./conduct.ts";

let opened: Promise<Conductor> | undefined;

/** What runs are moved with, opened once a process. A failed opening is tried anew by the next call. */
export function openConductor(): Promise<Conductor> {
  if (opened === undefined) {
    opened = open();
    opened.catch(() => {
      opened = undefined;
    });
  }
  return opened;
}

async function open(): Promise<Conductor> {
  const [{ defaultModel, ...runs }, ledger] = await Promise.all([openRuns(), openLedger()]);
  const { findPromptHash } = await import("../../prompts/find-prompt-hash.ts");
  const deps = { ...runs, ...ledger, prices: await openPrices(defaultModel, new Date()), hashPrompt: findPromptHash };
  return conduct(deps, { recall: async (effect) => (await import("./answer-recalls.ts")).answerRecall(deps, effect) });
}
