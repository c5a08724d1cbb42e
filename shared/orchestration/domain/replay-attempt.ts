import * as z from "zod";
import { decide } from "../../agents/domain/decide.ts";
import { readFinishedTask } from "../../agents/domain/finished-task.ts";
import type { Briefing, CallBriefing, Intent, JournalEntry, Next } from "../../agents/domain/journal.ts";
import type { Checks } from "../../agents/load-checks.ts";
import type { EffectError, EffectKind, EffectState, SafetyClass } from "../../effects/contracts/effect.ts";
import { type JsonValue, parseJson } from "../../platform/json.ts";
import { ProposeSubtasks } from "../../tools/contract.ts";
import type { Difference } from "../contracts/replay.ts";
import { ProposalResult } from "./subtasks/proposal-result.ts";

/** Content as it was stored, and the hash that it was stored under. */
export type RecordedPayload = { sha256: string; body: JsonValue; erased: boolean };

export type RecordedEffect = {
  id: string;
  seq: number;
  kind: EffectKind;
  safety: SafetyClass;
  state: EffectState;
  request_sha256: string;
  request: RecordedPayload;
  result_sha256: string | null;
  result: RecordedPayload | null;
  error: EffectError | null;
};

export type RecordedAttempt = {
  task_id: string;
  ordinal: number;
  name: string;
  number: number;
  status: "running" | "completed" | "failed" | "cancelled";
  error: EffectError | null;
  briefing: RecordedPayload;
  /** The briefing as `decide` takes it; undefined when what is stored has no such form. */
  brief: Briefing | CallBriefing | undefined;
  /** What the task came to, when it is this attempt that completed it. */
  result: RecordedPayload | null;
  effects: readonly RecordedEffect[];
};

/** What the log says: the hash of each answer by effect, of each result by task and attempt, and what each planner, or executor that divided its task, has planned. */
export type RecordedFacts = {
  answers: ReadonlyMap<string, string | null>;
  results: ReadonlyMap<string, string>;
  plans: ReadonlyMap<string, readonly { name: string; depends_on: readonly number[] }[]>;
};

export type ReplayTools = {
  /** The hash of a value as it would be stored. */
  hash: (value: JsonValue) => string;
  /** The hash of a published prompt; undefined for one that is not published. */
  hashPrompt: (name: string, version: number) => string | undefined;
  /** What results are checked by, where a task has checks. */
  checks: Checks | undefined;
};

/** Where two recordings part: which effect, or null for the attempt as a whole. */
export type Divergence = {
  seq: number | null;
  effect_id: string | null;
  differs: Difference;
  /** Hashes or words. */
  recorded: string | null;
  recomputed: string | null;
};

export type AttemptReplay = { decisions: number } & (
  | { outcome: "same" }
  | { outcome: "diverged"; divergence: Divergence }
  | { outcome: "erased"; seq: number | null; effect_id: string | null }
);

/** Errors by which the orchestrator ends an attempt whatever its agent would have done next. */
export const ENDED_FROM_OUTSIDE: ReadonlySet<string> = new Set(["unpriced-model", "no-agent", "timeout"]);

export function attemptKey(taskId: string, attempt: number): string {
  return `${taskId}/${attempt}`;
}

/** Thrown inside of this file, by whatever finds the first thing that is not as recorded. */
class Parted extends Error {
  readonly replay: { outcome: "diverged"; divergence: Divergence } | { outcome: "erased"; seq: number | null; effect_id: string | null };
  constructor(replay: Parted["replay"]) {
    super(replay.outcome);
    this.replay = replay;
  }
}

/**
 * Recomputes every decision of an attempt from its briefing and journal, in the order in which they were made, and compares each with what
 * was recorded: requests, answers, what the log says of both, and how the attempt ended. Nothing is called. The first difference is the
 * answer; what was erased cannot be recomputed, and says so.
 */
export function replayAttempt(attempt: RecordedAttempt, facts: RecordedFacts, tools: ReplayTools): AttemptReplay {
  const progress = { decisions: 0 };
  try {
    recompute(attempt, facts, tools, progress);
    return { ...progress, outcome: "same" };
  } catch (error) {
    if (error instanceof Parted) return { ...progress, ...error.replay };
    throw error;
  }
}

function recompute(attempt: RecordedAttempt, facts: RecordedFacts, tools: ReplayTools, progress: { decisions: number }): void {
  const { brief, effects } = attempt;
  if (attempt.briefing.erased) throw new Parted({ outcome: "erased", seq: null, effect_id: null });
  if (brief === undefined) throw partedAt(effects[0], "briefing", attempt.briefing.sha256, tools.hash(attempt.briefing.body));
  const journal: JournalEntry[] = [];
  for (;;) {
    const next = decide(brief, journal, tools.checks);
    progress.decisions += 1;
    const isMove = next.kind === "effects" && next.intents.length > 0;
    const asked = isMove ? next.intents : [];
    const known = effects.slice(journal.length, journal.length + asked.length);
    if (known.length === 0) {
      endReplay(attempt, next, effects[journal.length], facts, tools);
      return;
    }
    for (const [index, intent] of asked.entries()) {
      const effect = known[index];
      if (effect === undefined) throw partedAt(known.at(-1), "missing", null, tools.hash(asJson(intent.request)));
      compareIntent(intent, effect, brief, tools);
      compareStored(effect, facts, tools);
    }
    journal.push(...known.map(toEntry));
  }
}

/** Nothing more was recorded of what the agent wants next, or it wants nothing: then the attempt ended as it was decided, or still goes on. */
function endReplay(
  attempt: RecordedAttempt,
  next: Next,
  extra: RecordedEffect | undefined,
  facts: RecordedFacts,
  tools: ReplayTools,
): void {
  if (extra !== undefined) throw partedAt(extra, "unasked", extra.request_sha256, null);
  if (isDecided(attempt)) compareEnd(attempt, next, facts, tools);
  compareHashes(undefined, "briefing", attempt.briefing.sha256, tools.hash(attempt.briefing.body));
}

/** Whether it was the agent that ended the attempt. */
function isDecided({ status, error }: RecordedAttempt): boolean {
  return status === "completed" || (status === "failed" && !ENDED_FROM_OUTSIDE.has(error?.code ?? ""));
}

function compareEnd(attempt: RecordedAttempt, next: Next, facts: RecordedFacts, tools: ReplayTools): void {
  const last = attempt.effects.at(-1);
  if (next.kind === "done" && attempt.status === "completed") return compareResult(attempt, next, facts, tools);
  if (next.kind === "divided" && attempt.status === "completed") return compareDivision(attempt, facts, tools);
  const recorded = attempt.status === "failed" ? tools.hash(asJson(attempt.error)) : attempt.status;
  compareHashes(last, "outcome", recorded, next.kind === "failed" ? tools.hash(asJson(next.error)) : next.kind);
}

function compareResult(attempt: RecordedAttempt, next: Extract<Next, { kind: "done" }>, facts: RecordedFacts, tools: ReplayTools): void {
  const { result } = attempt;
  const last = attempt.effects.at(-1);
  if (result === null) return;
  if (result.erased) throw new Parted({ outcome: "erased", seq: null, effect_id: null });
  const key = attemptKey(attempt.task_id, attempt.number);
  compareHashes(last, "outcome", result.sha256, tools.hash(next.result));
  compareHashes(last, "outcome", result.sha256, tools.hash(result.body));
  compareHashes(last, "event", facts.results.get(key) ?? null, result.sha256);
  const planned = next.plan?.tasks.map(({ id }) => id);
  const { last_ordinal = 0 } = attempt.brief?.role === "planner" ? attempt.brief : {};
  if (planned === undefined) return;
  const plan = next.plan?.tasks.map((task) => ({
    name: task.name,
    depends_on: [
      ...task.dependencies.flatMap((id) => readFinishedTask(id) ?? []),
      ...task.dependencies.filter((id) => planned.includes(id)).map((id) => last_ordinal + planned.indexOf(id) + 1),
    ],
  }));
  compareHashes(last, "plan", tools.hash(asJson(facts.plans.get(key) ?? null)), tools.hash(asJson(plan ?? null)));
}

/** Its proposal names what the log says was added to the plan, behind what its task was given itself. */
function compareDivision(attempt: RecordedAttempt, { plans }: RecordedFacts, tools: ReplayTools): void {
  const last = attempt.effects.at(-1);
  const asked = ProposalRequest.safeParse(last?.request.body).data?.arguments.subtasks ?? [];
  const ordinals = new Map(ProposalResult.safeParse(last?.result?.body).data?.subtasks.map(({ id, ordinal }) => [id, ordinal]));
  const given = attempt.brief?.role === "executor" ? attempt.brief.inputs.map(({ ordinal }) => ordinal) : [];
  const plan = asked.map(({ name, dependencies = [] }) => {
    const own = dependencies.flatMap((id) => ordinals.get(id) ?? []);
    return { name, depends_on: [...given, ...own] };
  });
  const recorded = plans.get(attemptKey(attempt.task_id, attempt.number)) ?? null;
  compareHashes(last, "plan", tools.hash(asJson(recorded)), tools.hash(asJson(plan)));
}

const ProposalRequest = z.object({ arguments: ProposeSubtasks });

function compareIntent(intent: Intent, effect: RecordedEffect, brief: Briefing | CallBriefing, tools: ReplayTools): void {
  if (intent.kind !== effect.kind) throw partedAt(effect, "kind", effect.kind, intent.kind);
  compareHashes(effect, "request", effect.request_sha256, tools.hash(asJson(intent.request)));
  if (intent.safety !== effect.safety) throw partedAt(effect, "safety", effect.safety, intent.safety);
  if (intent.kind !== "llm" || brief.role === "caller" || brief.prompt_sha256 === undefined) return;
  compareHashes(effect, "prompt", brief.prompt_sha256, tools.hashPrompt(brief.prompt.name, brief.prompt.version) ?? null);
}

/** What was stored is what was hashed, and what the log told of it. */
function compareStored(effect: RecordedEffect, facts: RecordedFacts, tools: ReplayTools): void {
  if (effect.request.erased) throw erasedAt(effect);
  compareHashes(effect, "request", effect.request_sha256, tools.hash(effect.request.body));
  if (effect.result !== null) {
    if (effect.result.erased) throw erasedAt(effect);
    compareHashes(effect, "result", effect.result_sha256, tools.hash(effect.result.body));
  }
  const isAnswered = effect.state === "done" || effect.state === "failed" || effect.state === "late";
  if (isAnswered) compareHashes(effect, "event", facts.answers.get(effect.id) ?? null, effect.result_sha256);
}

/** As the conductor folds it: what came late or never came is open for ever. */
function toEntry({ seq, kind, state, result, error }: RecordedEffect): JournalEntry {
  if (state === "done") return { seq, kind, state, result: result?.body ?? null };
  if (state === "failed" && error !== null) return { seq, kind, state, error };
  return { seq, kind, state: "open" };
}

function compareHashes(effect: RecordedEffect | undefined, differs: Difference, recorded: string | null, recomputed: string | null): void {
  if (recorded !== recomputed) throw partedAt(effect, differs, recorded, recomputed);
}

function partedAt(effect: RecordedEffect | undefined, differs: Difference, recorded: string | null, recomputed: string | null): Parted {
  const place = { seq: effect?.seq ?? null, effect_id: effect?.id ?? null };
  return new Parted({ outcome: "diverged", divergence: { ...place, differs, recorded, recomputed } });
}

function erasedAt(effect: RecordedEffect): Parted {
  return new Parted({ outcome: "erased", seq: effect.seq, effect_id: effect.id });
}

/** As it is sent to the database: fields that are undefined are absent. */
function asJson(value: object | null): JsonValue {
  return parseJson(JSON.stringify(value));
}
