import * as z from "zod";
import { cutDetail } from "../../effects/cut-detail.ts";
import { changeRun } from "../commit/change-run.ts";
import type { ConductorDeps } from "../deps.ts";
import { endRun } from "../domain/end-run.ts";
import { hasEnded } from "../domain/judge-steps.ts";
import type { ExecutionEnded } from "./control-message.ts";

const RunName = z.templateLiteral([z.uuid(), "-", z.int()]);

/**
 * Fails the run whose execution is gone. One that we ended ourselves, or that has been started again since, is left as it is. Of an ended run the
 * watchdog is sent once more: this word comes until it is taken, and with it somebody who closes what dead hands hold.
 */
export async function processExecution(deps: ConductorDeps, { detail }: ExecutionEnded): Promise<void> {
  const name = RunName.safeParse(detail.name).data;
  if (name === undefined) return;
  const ended = await changeRun(deps, { role: "engine" }, name.slice(0, name.lastIndexOf("-")), "open", (board, run) => {
    const call = { run_id: run.id, seq: run.watchdog_seq };
    if (hasEnded(run)) return call;
    if (`${run.id}-${run.execution_number}` !== name) return undefined;
    const reason = [detail.error, detail.cause].filter((part) => part !== null && part !== undefined && part !== "").join(": ");
    const error = {
      code: "execution-ended",
      detail: cutDetail(`The state machine ended as ${detail.status}. ${reason}`.trim()),
      retryable: false,
    };
    endRun(board, run, { status: "failed", error: run.error ?? error });
    return call;
  });
  if (ended !== undefined) await deps.outbox.sendWatchdog(ended, deps.watchdogSeconds);
}
