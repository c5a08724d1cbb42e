import * as z from "zod";
import { EffectMessage } from "../effects/contract.ts";
import type { ConductorDeps } from "./deps.ts";
import { ExecutionEnded, processExecution } from "./process-execution.ts";
import { PhaseMessage, processPhase } from "./process-phase.ts";
import { processReports } from "./process-reports.ts";
import { repairRun, WatchdogMessage, watchRun } from "./watch-run.ts";

/** Everything that may stand on the `control` queue. Hands cannot write there: what they report is on `results`. */
export const ControlMessage = z.union([
  ExecutionEnded.transform((event) => ({ kind: "execution" as const, event })),
  z.discriminatedUnion("kind", [
    PhaseMessage,
    WatchdogMessage,
    z.object({ kind: z.literal("hint"), run_id: z.uuid() }),
    EffectMessage.extend({ kind: z.literal("effect") }),
  ]),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;

/** Carries out a batch of control messages; answers the indexes of those that failed and must come again. */
export async function processControl(deps: ConductorDeps, messages: readonly ControlMessage[]): Promise<number[]> {
  const failed = new Set<number>();
  const recalls = messages.flatMap((message, index) => (message.kind === "effect" ? [{ message, index }] : []));
  const attempt = async (indexes: readonly number[], work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      deps.log("a control message failed and will come again", { error });
      for (const index of indexes) failed.add(index);
    }
  };
  await attempt(
    recalls.map((item) => item.index),
    async () => {
      if (recalls.length === 0) return;
      const { answerRecalls } = await import("./answer-recalls.ts");
      const reports = await answerRecalls(
        deps,
        recalls.map(({ message }) => ({ effect_id: message.effect_id, try: message.try })),
      );
      await processReports(deps, reports);
    },
  );
  for (const [index, message] of messages.entries()) {
    if (message.kind !== "effect") await attempt([index], () => processOne(deps, message));
  }
  return [...failed].toSorted((left, right) => left - right);
}

function processOne(deps: ConductorDeps, message: Exclude<ControlMessage, { kind: "effect" }>): Promise<void> {
  switch (message.kind) {
    case "phase":
      return processPhase(deps, message);
    case "watchdog":
      return watchRun(deps, message);
    case "execution":
      return processExecution(deps, message.event);
    case "hint":
      return repairRun(deps, message.run_id);
  }
}
