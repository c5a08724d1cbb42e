import * as z from "zod";
import { decide } from "../../shared/agents/domain/decide.ts";
import type { Intent, JournalEntry, Next } from "../../shared/agents/domain/journal.ts";
import { type Checks, loadChecks } from "../../shared/agents/load-checks.ts";
import { ENDED_FROM_OUTSIDE } from "../../shared/orchestration/domain/replay-attempt.ts";
import { type AttemptJournal, type JournaledEffect, readJournalsOfEffects } from "../../shared/orchestration/sql/read-journals.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";
import { hashJson } from "../../shared/platform/hash.ts";
import { parseJson } from "../../shared/platform/json.ts";
import type { Simulation } from "./simulation.ts";

const Id = z.object({ id: z.string() });
const Result = z.object({ attempt_id: z.string(), sha256: z.string().nullable(), error: z.string().nullable() });

/** Recomputes every decision of every attempt from its journal: each effect must be asked for again, and the end must be the same. */
export async function checkReplay({ checks, workspaces }: Simulation, db: Queryable): Promise<void> {
  const { rows } = await db.query("SELECT id FROM effects WHERE workspace_id = ANY ($1) ORDER BY id", [workspaces]);
  const journals = await readJournalsOfEffects(
    db,
    z
      .array(Id)
      .parse(rows)
      .map((row) => row.id),
  );
  const ended = await db.query(
    "SELECT a.id AS attempt_id, t.result_sha256 AS sha256, a.error ->> 'code' AS error FROM task_attempts a JOIN tasks t ON t.id = a.task_id WHERE a.workspace_id = ANY ($1)",
    [workspaces],
  );
  const results = new Map(
    z
      .array(Result)
      .parse(ended.rows)
      .map((row) => [row.attempt_id, row]),
  );
  const loaded = await loadChecks(journals.map((journal) => journal.briefing));
  for (const journal of journals) {
    const { sha256 = null, error = null } = results.get(journal.attempt_id) ?? {};
    // What was decided for its agent may have come before anything, as a cancel may.
    const status = ENDED_FROM_OUTSIDE.has(error ?? "") ? "cancelled" : journal.status;
    const difference = replay({ ...journal, status }, sha256, loaded);
    checks.check("11 replay", difference === undefined, () => `attempt ${journal.attempt_id}: ${difference}`);
  }
}

/** What differs from the first decision on; undefined: nothing. */
function replay(journal: AttemptJournal, result: string | null, loaded: Checks | undefined): string | undefined {
  const { briefing, effects, status } = journal;
  let asked = 0;
  for (;;) {
    const entries = effects.slice(0, asked).map(toEntry);
    const next = decide(briefing, entries, loaded);
    if (JSON.stringify(next) !== JSON.stringify(decide(briefing, entries, loaded))) return "the same journal was decided in two ways";
    if (next.kind !== "effects") return compareEnd(next, status, result, effects.length - asked);
    const hasEnded = status === "completed" || status === "failed";
    if (next.intents.length === 0) return hasEnded ? `it is ${status}, and would wait` : undefined;
    // A budget, a cancel or a pause may have come between.
    if (asked === effects.length) return status === "cancelled" ? undefined : `it is ${status}, and would go on`;
    const difference = compareEffects(next.intents, effects.slice(asked));
    if (difference !== undefined) return difference;
    asked += next.intents.length;
  }
}

function compareEffects(intents: readonly Intent[], effects: readonly JournaledEffect[]): string | undefined {
  const hashes = intents.map((intent) => `${intent.kind} ${hashJson(parseJson(JSON.stringify(intent.request)))}`);
  const different = hashes.findIndex((hash, index) => hash !== `${effects[index]?.kind} ${effects[index]?.request_sha256}`);
  return different === -1 ? undefined : `effect ${effects[different]?.seq} is another than ${hashes[different]}`;
}

function compareEnd(next: Exclude<Next, { kind: "effects" }>, status: string, result: string | null, more: number): string | undefined {
  if (more > 0) return `${more} effects come after its end`;
  // A cancel may have come before the step that would have said so.
  if (status === "cancelled") return undefined;
  if (next.kind === "failed") return status === "failed" ? undefined : `it is ${status}, and would fail`;
  if (status !== "completed") return `it is ${status}, and would complete`;
  // Its result is that of the attempt which came after its subtasks.
  if (next.kind === "divided") return undefined;
  return hashJson(next.result) === result ? undefined : "its result would be another";
}

function toEntry({ seq, kind, state, result, error }: JournaledEffect): JournalEntry {
  if (state === "done") return { seq, kind, state, result };
  if (state === "failed" && error !== null) return { seq, kind, state, error };
  return { seq, kind, state: "open" };
}
