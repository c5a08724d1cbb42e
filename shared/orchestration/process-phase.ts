import { EffectError } from "../effects/contracts/effect.ts";
import { cutDetail } from "../effects/cut-detail.ts";
import { changeRun } from "./change-run.ts";
import type { PhaseMessage } from "./control-message.ts";
import type { ConductorDeps } from "./deps.ts";
import { chooseAgent } from "./domain/choose-agent.ts";
import { endRun } from "./domain/end-run.ts";
import { enterPhase, type Phase } from "./domain/enter-phase.ts";
import { hasEnded } from "./domain/judge-steps.ts";
import { learnPricesOfPools } from "./learn-prices.ts";
import { readGivenPlan } from "./plans/read-given-plan.ts";
import { readPool } from "./sql/read-pool.ts";
import { startReady } from "./start-tasks.ts";
import { wakeWatchdog } from "./watch-run.ts";

const ROLE_OF_PHASE = { plan: "planner", execute: "executor", review: "critic", summarize: "summarizer" } as const;

/** Begins a phase, or tells the state machine what it missed of one that has begun or ended already. */
export async function processPhase(deps: ConductorDeps, message: PhaseMessage): Promise<void> {
  if (message.phase === "fail") return failRun(deps, message);
  const phase: Phase = message.phase;
  const entry = await changeRun(deps, { role: "engine" }, message.run_id, "run", async (board, run, db) => {
    const pool = (await readPool(db, [run.workspace_id])).get(run.workspace_id) ?? [];
    await learnPricesOfPools(deps, new Map([[run.workspace_id, pool]]));
    const agentId = chooseAgent(pool, ROLE_OF_PHASE[phase], [], { now: board.now, complexity: "low" })?.id;
    const givenPlan = phase === "plan" ? await readGivenPlan(deps, db, run.id, pool) : undefined;
    return enterPhase(board, run, phase, message.token, { agentId, givenPlan });
  });
  if (entry?.kind === "owed") await deps.outbox.answerPhase(message.token, entry.due);
  if (entry?.kind === "begun") await startReady(deps, message.run_id);
  // A phase comes again when nobody has kept it alive for an hour: then its run has no watchdog any more.
  if (entry?.kind === "waiting") await wakeWatchdog(deps, message.run_id);
}

/** The last state of a failed run: writes the failure down, cancels what is left, and lets the state machine end. */
async function failRun(deps: ConductorDeps, message: PhaseMessage): Promise<void> {
  await changeRun(deps, { role: "engine" }, message.run_id, "open", (board, run) => {
    if (!hasEnded(run)) endRun(board, run, { status: "failed", error: run.error ?? readCause(message.error) });
  });
  await deps.outbox.answerPhase(message.token, { kind: "success", output: {} });
}

/** The cause is the error that we answered the phase with, as JSON; anything else came from the state machine itself. */
function readCause(caught: PhaseMessage["error"]): EffectError {
  try {
    return EffectError.parse(JSON.parse(caught?.Cause ?? ""));
  } catch {
    const detail = [caught?.Error, caught?.Cause].filter((part) => part !== undefined && part !== "").join(": ");
    return { code: "run-failed", detail: cutDetail(detail || "The state machine ended the run"), retryable: false };
  }
}
