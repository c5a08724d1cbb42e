import type { ConductorDeps } from "../deps.ts";
import type { ControlMessage } from "./control-message.ts";
import type { BeginningPhase } from "./process-phase.ts";
import { processReports } from "./process-reports.ts";

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
  const undeliverable = messages.flatMap((message, index) => (message.kind === "undeliverable" ? [{ message, index }] : []));
  await attempt(
    undeliverable.map((item) => item.index),
    async () => {
      if (undeliverable.length === 0) return;
      const { failUndeliverable } = await import("./fail-undeliverable.ts");
      const wanted = undeliverable.map(({ message }) => ({ effect_id: message.effect_id, try: message.try }));
      await processReports(deps, await failUndeliverable(deps, wanted));
    },
  );
  const phases = messages.flatMap((message, index) => (isBeginning(message) ? [{ message, index }] : []));
  if (phases.length > 0) {
    const { beginTogether } = await import("./process-phase.ts");
    for (const phase of await beginTogether(deps, phases)) failed.add(phase.index);
  }
  for (const [index, message] of messages.entries()) {
    if (message.kind !== "effect" && message.kind !== "undeliverable" && !isBeginning(message))
      await attempt([index], () => processOne(deps, message));
  }
  return [...failed].toSorted((left, right) => left - right);
}

function isBeginning(message: ControlMessage): message is BeginningPhase {
  return message.kind === "phase" && message.phase !== "fail";
}

/** What moves runs most, reports, is there from the start; the rest is loaded with the first message that needs it. */
async function processOne(
  deps: ConductorDeps,
  message: Exclude<ControlMessage, { kind: "effect" | "undeliverable" } | BeginningPhase>,
): Promise<void> {
  switch (message.kind) {
    case "phase":
      return (await import("./process-phase.ts")).failRun(deps, message);
    case "watchdog":
      return (await import("../watchdog/watch-run.ts")).watchRun(deps, message);
    case "execution":
      return (await import("./process-execution.ts")).processExecution(deps, message.event);
    case "hint":
      return (await import("../watchdog/watch-run.ts")).repairRun(deps, message.run_id);
  }
}
