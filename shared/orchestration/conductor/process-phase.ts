import { EffectError } from "../../effects/contracts/effect.ts";
import { cutDetail } from "../../effects/cut-detail.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { changeRun, changeRuns } from "../commit/change-run.ts";
import type { ConductorDeps } from "../deps.ts";
import type { Board } from "../domain/board.ts";
import { chooseAgent } from "../domain/choose-agent.ts";
import { endRun } from "../domain/end-run.ts";
import { enterPhase, type Phase, type PhaseEntry } from "../domain/enter-phase.ts";
import { hasEnded } from "../domain/judge-steps.ts";
import { readGivenPlan } from "../plans/read-given-plan.ts";
import { learnPricesOfPools } from "../prices/learn-prices.ts";
import { readPool } from "../sql/read-pool.ts";
import { startReady } from "../start/start-tasks.ts";
import { wakeWatchdog } from "../watchdog/watch-run.ts";
import type { PhaseMessage } from "./control-message.ts";

const ROLE_OF_PHASE = { plan: "planner", execute: "executor", review: "critic", summarize: "summarizer" } as const;

export type BeginningPhase = PhaseMessage & { phase: Phase };

/** Phases begin together; if that fails they begin one by one, so that only the bad ones come again. Answers those. */
export async function beginTogether<Item extends { message: BeginningPhase }>(
  deps: ConductorDeps,
  items: readonly Item[],
): Promise<Item[]> {
  try {
    await processPhases(
      deps,
      items.map(({ message }) => message),
    );
    return [];
  } catch (error) {
    deps.log("phases could not begin and are tried one by one, or come again", { error });
    if (items.length === 1) return [...items];
  }
  const failed: Item[] = [];
  for (const item of items) failed.push(...(await beginTogether(deps, [item])));
  return failed;
}

/**
 * Begins phases of any runs, by one commit, and their tasks by another; or tells the state machine what it missed of one that has begun or
 * ended already.
 */
async function processPhases(deps: ConductorDeps, messages: readonly BeginningPhase[]): Promise<void> {
  const entries = await changeRuns(
    deps,
    messages.map((message) => message.run_id),
    (board, db) => enterPhases(deps, board, db, messages),
  );
  for (const { message, entry } of entries) if (entry.kind === "owed") await deps.outbox.answerPhase(message.token, entry.due);
  await startReady(deps, runsOf(entries, "begun"));
  // A phase comes again when nobody has kept it alive for an hour: then its run has no watchdog any more.
  for (const runId of runsOf(entries, "waiting")) await wakeWatchdog(deps, runId);
}

type Entered = { message: BeginningPhase; entry: PhaseEntry };

async function enterPhases(deps: ConductorDeps, board: Board, db: Queryable, messages: readonly BeginningPhase[]): Promise<Entered[]> {
  const pools = await readPool(db, [...new Set([...board.runs.values()].map((run) => run.workspace_id))]);
  await learnPricesOfPools(deps, pools);
  const entered: Entered[] = [];
  for (const message of messages) {
    const run = board.runs.get(message.run_id);
    if (run === undefined) continue;
    const pool = pools.get(run.workspace_id) ?? [];
    const agentId = chooseAgent(pool, ROLE_OF_PHASE[message.phase], [], { now: board.now, complexity: "low" })?.id;
    const givenPlan = message.phase === "plan" ? await readGivenPlan(deps, db, run.id, pool) : undefined;
    const asksFirst = message.phase === "execute" && run.contract !== null;
    const terms = asksFirst ? await (await import("../plan-contract/draw-up-terms.ts")).drawUpTerms(db, run, deps.now()) : undefined;
    entered.push({ message, entry: enterPhase(board, run, message.phase, message.token, { agentId, givenPlan, terms }) });
  }
  return entered;
}

function runsOf(entered: readonly Entered[], kind: PhaseEntry["kind"]): string[] {
  return [...new Set(entered.filter(({ entry }) => entry.kind === kind).map(({ message }) => message.run_id))];
}

/** The last state of a failed run: writes the failure down, cancels what is left, and lets the state machine end. */
export async function failRun(deps: ConductorDeps, message: PhaseMessage): Promise<void> {
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
