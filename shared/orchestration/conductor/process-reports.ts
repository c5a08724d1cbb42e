import { EffectReport } from "../../effects/contract.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { toStorable } from "../../platform/storable-json.ts";
import { type BatchAnswer, commitBatch, type DraftedStart, stepOf } from "../commit/commit-batch.ts";
import { type DecisionContext, decideStep } from "../decide/decide-step.ts";
import { draftPayload } from "../decide/draft.ts";
import { draftStart } from "../decide/draft-start.ts";
import { readContext } from "../decide/read-context.ts";
import type { ConductorDeps } from "../deps.ts";
import type { NewPayload, Report, ReportVerdict, Step } from "../domain/batch.ts";
import { learnPricesOfTasks } from "../prices/learn-prices.ts";
import { type AttemptJournal, type JournaledEffect, readJournalsOfEffects } from "../sql/read-journals.ts";
import { readFollowing, type StartableTask } from "../sql/read-startable.ts";

/** A step that others keep overtaking is left to its message, which comes again. */
const MAX_ROUNDS = 8;

export type ProcessedReport = { report: EffectReport; verdict: ReportVerdict | "again" };

/**
 * Takes what the hands report into the journals and moves every attempt one step on: reads without locks, decides, and commits all of it
 * in one transaction. A step that was overtaken in between is decided again from what is there now. `again`: not taken in, send it again.
 */
export async function processReports(deps: ConductorDeps, received: readonly EffectReport[]): Promise<ProcessedReport[]> {
  // Each an object of its own: what is known of one copy of a report must not be taken for the other's.
  const reports = received.map((report) => ({ ...toStorable(report, EffectReport) }));
  const verdicts = new Map<EffectReport, ReportVerdict | "again">();
  let open = withoutCopies(reports, verdicts);
  for (let round = 0; open.length > 0 && round < MAX_ROUNDS; round += 1) {
    open = await processRound(deps, open, verdicts);
  }
  for (const report of open) verdicts.set(report, "again");
  return reports.map((report) => ({ report, verdict: verdicts.get(report) ?? "again" }));
}

type Verdicts = Map<EffectReport, ReportVerdict | "again">;

/** A report that stands twice in the batch counts once; the token belongs to the key, or a forged copy would shadow the true one. */
function withoutCopies(reports: readonly EffectReport[], verdicts: Verdicts): EffectReport[] {
  const seen = new Set<string>();
  return reports.filter((report) => {
    const key = `${report.effect_id} ${report.lease_token}`;
    if (seen.has(key)) verdicts.set(report, "duplicate");
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

async function processRound(deps: ConductorDeps, reports: EffectReport[], verdicts: Verdicts): Promise<EffectReport[]> {
  let drafted: Drafted[] = [];
  const early: Verdicts = new Map();
  const answer = await commitBatch(deps, {
    async steps(db) {
      early.clear();
      const journals = await readJournalsOfEffects(db, [...new Set(reports.map((report) => report.effect_id))]);
      const context = await readContext(deps, db, journals, reports);
      drafted = journals.flatMap((journal) => draftStepOf(deps, journal, reports, context, early));
      return drafted.map(({ step, journal }) => stepOf(journal, step));
    },
    starts: (db) => draftStarts(deps, db, drafted),
  });
  for (const [report, verdict] of early) verdicts.set(report, verdict);
  const sources = new Set(drafted.flatMap((item) => item.source));
  for (const report of reports) if (!verdicts.has(report) && !sources.has(report)) verdicts.set(report, "unknown");

  const again: EffectReport[] = [];
  drafted.forEach(({ source }, index) => {
    const verdict = answer.steps[index] ?? "moved-on";
    if (verdict === "moved-on") again.push(...source);
    else for (const report of source) verdicts.set(report, verdict === "late" || verdict === "unknown" ? verdict : "ok");
  });
  await startRest(deps, answer);
  await wake(deps, answer.awoken);
  return again;
}

/**
 * The watchdog of a run that asked a person sleeps for hours, and now there may be an effect under way whose hand dies. Lost, it is the sleeping
 * one that takes over.
 */
async function wake(deps: ConductorDeps, runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) {
    try {
      await (await import("../watchdog/watch-run.ts")).wakeWatchdog(deps, runId);
    } catch (error) {
      deps.log("the watchdog of a run was not woken; it wakes by itself", { run_id: runId, error });
    }
  }
}

/** What could not be foreseen before the commit. Mostly there is nothing, so how is loaded when there is. */
async function startRest(deps: ConductorDeps, answer: BatchAnswer): Promise<void> {
  if (answer.ready.length + answer.freed.length + answer.freedWorkspaces.length === 0) return;
  const { startFreed, startTasks } = await import("../start/start-tasks.ts");
  await startTasks(deps, answer.ready);
  await startFreed(deps, answer);
}

type Drafted = { journal: AttemptJournal; step: Step; source: EffectReport[] };

function draftStepOf(
  deps: ConductorDeps,
  journal: AttemptJournal,
  reports: readonly EffectReport[],
  context: DecisionContext,
  verdicts: Verdicts,
): Drafted[] {
  const accepted: { source: EffectReport; report: Report }[] = [];
  for (const effect of journal.effects) {
    for (const source of reports.filter((report) => report.effect_id === effect.id && !verdicts.has(report))) {
      const refusal = refuse(effect, source);
      if (refusal === undefined) accepted.push({ source, report: toReport(deps, effect, source) });
      else verdicts.set(source, refusal);
    }
  }
  if (accepted.length === 0) return [];
  const step = decideStep(
    deps,
    journal,
    accepted.map((item) => item.report),
    context,
  );
  return step === undefined ? [] : [{ journal, step, source: accepted.map((item) => item.source) }];
}

/** The same judgement that the locked row will get, made early so that a forged or repeated report never reaches `decide`. */
function refuse(effect: JournaledEffect, report: EffectReport): ReportVerdict | undefined {
  if (effect.lease_token !== report.lease_token) return "stale";
  return effect.state === "done" || effect.state === "failed" || effect.state === "late" ? "duplicate" : undefined;
}

function toReport(deps: ConductorDeps, effect: JournaledEffect, { effect_id, lease_token, outcome }: EffectReport): Report {
  const { usage } = outcome;
  return {
    effect_id,
    lease_token,
    outcome,
    result: outcome.status === "done" ? draftPayload(deps, outcome.result) : null,
    charge: usage === undefined || effect.model === null ? null : deps.prices.charge(effect.model, usage),
    tool: effect.tool === null ? null : { name: effect.tool, request_sha256: effect.request_sha256 },
  };
}

/**
 * What the end of these attempts lets begin, by the same commit if nothing else holds it up: the tasks that waited for their results, and
 * those that waited for the room which they leave.
 */
async function draftStarts(deps: ConductorDeps, db: Queryable, drafted: readonly Drafted[]): Promise<DraftedStart[]> {
  const justDone = new Map<string, NewPayload>();
  const leaving = new Map<string, number>();
  for (const { journal, step } of drafted) {
    if (step.move.kind === "effects") continue;
    leaving.set(journal.agent_id, (leaving.get(journal.agent_id) ?? 0) + 1);
    if (step.move.kind === "done" && journal.task_kind === "executor") justDone.set(journal.task_id, step.move.result);
  }
  if (leaving.size === 0) return [];
  const { starting } = deps;
  const agents = [...leaving].map(([agent_id, count]) => ({ agent_id, leaving: count + (starting?.roomToCome(agent_id) ?? 0) }));
  const following = await readFollowing(db, {
    agents,
    starting: starting?.list() ?? [],
    completed: [...justDone.keys()],
    now: deps.now(),
  });
  const startable = following.filter((task) => knowsAllInputs(task, justDone));
  await learnPricesOfTasks(deps, startable);
  return startable.map((task) => ({ start: draftStart(deps, task, justDone), run_id: task.run_id }));
}

/**
 * A parent that another conductor completes between this reading and our commit makes the child ready without our having its result: such a
 * child is left to the reading after the commit, or it would begin with an input missing.
 */
function knowsAllInputs(task: StartableTask, justDone: ReadonlyMap<string, NewPayload>): boolean {
  return task.parents.every((parent) => parent.payload_id !== null || justDone.has(parent.task_id));
}
