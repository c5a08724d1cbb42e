import { decide } from "../../agents/domain/decide.ts";
import type { JournalEntry, Next } from "../../agents/domain/journal.ts";
import type { Checks } from "../../agents/load-checks.ts";
import type { ConductorDeps } from "../deps.ts";
import type { Move, Report, Step } from "../domain/batch.ts";
import type { FindOther } from "../pool/load-others.ts";
import type { LayOut } from "../pool/load-planning.ts";
import type { AttemptJournal, JournaledEffect } from "../sql/read-journals.ts";
import { draftEffects, draftPayload, UnpricedModel } from "./draft.ts";

/**
 * What some decisions need besides their journal: who could do the tasks of a plan, or one of them instead, what results are checked by, and
 * what is said to somebody who proposes subtasks.
 */
export type DecisionContext = {
  layOut: LayOut | undefined;
  findOther: FindOther | undefined;
  checks: Checks | undefined;
  divide: Divide | undefined;
};

/**
 * What follows from an executor's answer that proposes subtasks: each proposal with what is said to it, and the move that comes of that. Undefined
 * where none is proposed.
 */
export type Divide = (
  journal: AttemptJournal,
  entries: readonly JournalEntry[],
  next: Next,
  context: DecisionContext,
) => Pick<Step, "move" | "proposals"> | undefined;

/**
 * Folds an attempt's journal with the answers that just came, asks its agent what is next, and drafts that as a step that the judge
 * accepts or refuses whole. Undefined when nothing came and nothing is to be done.
 */
export function decideStep(deps: ConductorDeps, journal: AttemptJournal, reports: Report[], context: DecisionContext): Step | undefined {
  const entries = journal.effects.map((effect) => foldEffect(effect, reports));
  const next = decide(journal.briefing, entries, context.checks);
  if (reports.length === 0 && next.kind === "effects" && next.intents.length === 0) return undefined;
  return {
    attempt_id: journal.attempt_id,
    version: journal.version,
    epoch: journal.epoch,
    reports,
    ...(context.divide?.(journal, entries, next, context) ?? { move: draftMove(deps, journal, entries, next, context) }),
  };
}

function foldEffect(effect: JournaledEffect, reports: readonly Report[]): JournalEntry {
  const { seq, kind } = effect;
  const outcome = reports.find((report) => report.effect_id === effect.id)?.outcome;
  if (outcome?.status === "done") return { seq, kind, state: "done", result: outcome.result };
  if (outcome?.status === "failed") return { seq, kind, state: "failed", error: outcome.error };
  if (effect.state === "done") return { seq, kind, state: "done", result: effect.result };
  if (effect.state === "failed" && effect.error !== null) return { seq, kind, state: "failed", error: effect.error };
  return { seq, kind, state: "open" };
}

export function draftMove(
  deps: ConductorDeps,
  journal: AttemptJournal,
  entries: readonly JournalEntry[],
  next: Next,
  { layOut, findOther }: DecisionContext,
): Move {
  switch (next.kind) {
    case "effects":
      return draftIntents(deps, journal, entries, next);
    case "failed":
      return draftFailure(journal, next, findOther);
    case "divided":
      throw new Error("divided already");
    case "done": {
      const result = draftPayload(deps, next.result);
      if (next.plan === undefined) return { kind: "done", result, plan: null, checks: next.checks };
      if (layOut === undefined) throw new Error("a plan came from a journal that was not read as a planner's");
      const laidOut = layOut(next.plan, journal);
      if (laidOut.ok) return { kind: "done", result, plan: laidOut.tasks };
      return { kind: "failed", error: { code: "no-agent", detail: laidOut.problem, retryable: false } };
    }
  }
}

/** Names who could try in the agent's place, where the task's policy may ask for that. */
export function draftFailure(journal: AttemptJournal, failure: Extract<Next, { kind: "failed" }>, findOther: FindOther | undefined): Move {
  const { briefing, policy } = journal;
  const other = policy.fallback?.kind === "agent" ? { other_agent_id: findOther?.(journal) ?? null } : {};
  const { spared_attempts = 0 } = briefing.role === "caller" ? {} : briefing;
  return { ...failure, ...other, ...(spared_attempts === 0 ? {} : { spared_attempts }) };
}

function draftIntents(
  deps: ConductorDeps,
  journal: AttemptJournal,
  entries: readonly JournalEntry[],
  next: Extract<Next, { kind: "effects" }>,
): Move {
  try {
    const told = entries.reduce((sum, entry) => sum + (entry.state === "done" ? Buffer.byteLength(JSON.stringify(entry.result)) : 0), 0);
    return { kind: "effects", effects: draftEffects(deps, next.intents, entries.length, journal.input_bytes + told) };
  } catch (error) {
    if (!(error instanceof UnpricedModel)) throw error;
    return {
      kind: "failed",
      error: { code: "unpriced-model", detail: `No price is known for ${error.model}, and no cap was given`, retryable: false },
    };
  }
}
