import type { EffectReport } from "../../effects/contract.ts";
import type { ConductorDeps } from "../deps.ts";
import { createOwnHand, type OwnAnswers } from "../ledger/own-hand.ts";
import { createStartingTasks } from "../start/starting-tasks.ts";
import { createIntake } from "./intake.ts";
import { type ProcessedReport, processReports } from "./process-reports.ts";

/** `takeIn` processes reports, together with those that others bring meanwhile. */
export type Conductor = ConductorDeps & { takeIn: (reports: readonly EffectReport[]) => Promise<ProcessedReport[]> };

/** A conductor that answers these kinds of effects itself. */
export function conduct(deps: Omit<ConductorDeps, "ownHand" | "starting">, answers: OwnAnswers): Conductor {
  const takeIn = createIntake((reports: readonly EffectReport[]) => processReports(conductor, reports));
  const conductor: ConductorDeps = { ...deps, ownHand: createOwnHand(answers, takeIn, deps.log), starting: createStartingTasks() };
  return { ...conductor, takeIn };
}
