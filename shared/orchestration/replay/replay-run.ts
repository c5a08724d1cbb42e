import { loadChecks } from "../../agents/load-checks.ts";
import type { Actor, Database, Queryable } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import type { JsonValue } from "../../platform/json.ts";
import { findPromptHash } from "../../prompts/find-prompt-hash.ts";
import type { Replay } from "../contracts/replay.ts";
import { draftPayload } from "../decide/draft.ts";
import {
  type AttemptReplay,
  attemptKey,
  type RecordedAttempt,
  type RecordedFacts,
  type ReplayTools,
  replayAttempt,
} from "../domain/replay-attempt.ts";
import { readFacts } from "../sql/read-events.ts";
import { StoredBriefing } from "../sql/read-journals.ts";
import { type RecordedAttemptRow, readRecordedAttempts } from "../sql/read-recorded-attempts.ts";
import { findRunState } from "../sql/read-run-state.ts";

/** Places of erased content that are named. */
const MAX_ERASED = 100;

/** The very hash that an effect is stored under. */
const hash = (value: JsonValue): string => draftPayload({ newId: () => "" }, value).sha256;

/**
 * Computes every decision of a run anew and compares it with what was recorded. Reads, and calls nobody.
 * @throws AppError `not-found`
 */
export async function replayRun(db: Pick<Database, "transact">, actor: Actor, runId: string): Promise<Replay> {
  return db.transact(actor, async (connection) => {
    if ((await findRunState(connection, runId)) === undefined) throw notFound("The run");
    const facts = await readRecordedFacts(connection, runId);
    const replay: Replay = { run_id: runId, outcome: "same", attempts: 0, decisions: 0, divergence: null, erased: [] };
    const tools: ReplayTools = { hash, hashPrompt: findPromptHash, checks: undefined };
    for (let after: string | undefined; ; ) {
      const rows = await readRecordedAttempts(connection, runId, after);
      const attempts = rows.map((row) => ({ row, attempt: toRecorded(row) }));
      tools.checks ??= await loadChecks(attempts.flatMap(({ attempt }) => attempt.brief ?? []));
      for (const { row, attempt } of attempts) addAttempt(replay, row, replayAttempt(attempt, facts, tools));
      after = rows.at(-1)?.attempt_id;
      if (after === undefined) return replay;
    }
  });
}

function addAttempt(replay: Replay, row: RecordedAttemptRow, attempt: AttemptReplay): void {
  const place = { task_id: row.task_id, ordinal: row.ordinal, name: row.name, attempt: row.number };
  replay.attempts += 1;
  replay.decisions += attempt.decisions;
  if (attempt.outcome === "diverged" && replay.divergence === null) {
    replay.outcome = "diverged";
    replay.divergence = { ...place, ...attempt.divergence };
  }
  if (attempt.outcome !== "erased") return;
  if (replay.outcome === "same") replay.outcome = "erased";
  if (replay.erased.length < MAX_ERASED) replay.erased.push({ ...place, seq: attempt.seq, effect_id: attempt.effect_id });
}

function toRecorded(row: RecordedAttemptRow): RecordedAttempt {
  return { ...row, brief: StoredBriefing.safeParse(row.briefing.body).data };
}

async function readRecordedFacts(db: Queryable, runId: string): Promise<RecordedFacts> {
  const answers = new Map<string, string | null>();
  const results = new Map<string, string>();
  const plans = new Map<string, { name: string; depends_on: number[] }[]>();
  let planned = "";
  for (let after = 0; ; ) {
    const facts = await readFacts(db, runId, after);
    for (const { fact } of facts) {
      if (fact.type === "effect-answered") answers.set(fact.effect_id, fact.result_sha256);
      if (fact.type === "task-completed") {
        planned = attemptKey(fact.task_id, fact.attempt);
        results.set(planned, fact.result_sha256);
      }
      if (fact.type === "subtasks-proposed") {
        const subtasks = fact.tasks.map(({ name, depends_on }) => ({ name, depends_on }));
        plans.set(attemptKey(fact.task_id, fact.attempt), subtasks);
      }
      // A plan is stored by the commit that completes its planner, whose fact stands before it.
      if (fact.type === "plan-stored") {
        plans.set(
          planned,
          fact.tasks.map(({ name, depends_on }) => ({ name, depends_on })),
        );
      }
    }
    after = facts.at(-1)?.number ?? after;
    if (facts.length === 0) return { answers, results, plans };
  }
}
