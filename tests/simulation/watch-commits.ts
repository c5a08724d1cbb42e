import * as z from "zod";
import type { Queryable } from "../../shared/platform/db/database.ts";
import type { Worker } from "./scheduler.ts";
import { LEASE_SECONDS, type Simulation, type Statement } from "./simulation.ts";

const JournalRow = z.object({ attempt_id: z.string(), version: z.number(), epoch: z.number() });
const Locked = z.object({
  locked: z.object({
    runs: z.array(z.object({ id: z.string(), epoch: z.number() })),
    attempts: z.array(z.object({ id: z.string(), run_id: z.string(), version: z.number() })),
  }),
});
type LockedRows = z.infer<typeof Locked>["locked"];

/** What one transaction has read and locked, and the journals that its worker decided from. */
export type Readings = {
  readonly worker: Worker;
  readonly journals: Map<string, z.infer<typeof JournalRow>>;
  locked: { rows: LockedRows; isStep: boolean } | undefined;
  hasLockedRun: boolean;
  /** Effects that its transaction has claimed, and when; they are if it commits. */
  claims: { effectId: string; now: number }[];
};

/** What was claimed is, once it is committed. */
export function keepClaims({ leases }: Simulation, { claims }: Readings): void {
  for (const { effectId, now } of claims) leases.claimed(effectId, now, now + LEASE_SECONDS * 1_000);
}

/** Statements are known by words of theirs that no other has. */
export function noteReading(readings: Readings, text: string, rows: readonly unknown[]): void {
  if (text.includes("a.id AS attempt_id, a.number, a.version")) {
    for (const row of z.array(JournalRow).parse(rows)) readings.journals.set(row.attempt_id, row);
  }
  if (text.includes("FROM runs WHERE id = $1 FOR NO KEY UPDATE")) readings.hasLockedRun = true;
  if (!text.includes("lock_batch(")) return;
  const [row] = z.array(Locked).parse(rows);
  if (row !== undefined) readings.locked = { rows: row.locked, isStep: !readings.hasLockedRun };
}

const Claimed = z.object({ effect_id: z.string(), run_id: z.string(), task_id: z.string() });

/** An effect is granted when nobody holds it. After a cancel or a pause was answered no effect of the run or the task is granted to a hand. `still`: as it was when the claim was sent. */
export function checkClaim(
  simulation: Simulation,
  readings: Readings,
  statement: Statement,
  rows: readonly unknown[],
  still: ReadonlyMap<string, string>,
): void {
  if (!statement.text.includes("lease_token = gen_random_uuid()")) return;
  const now = z
    .date()
    .parse(statement.values?.find((value) => value instanceof Date))
    .getTime();
  for (const { effect_id, run_id, task_id } of z.array(Claimed).parse(rows)) {
    const state = still.get(run_id) ?? still.get(task_id);
    readings.claims.push({ effectId: effect_id, now });
    simulation.checks.check(
      "6 epoch",
      state === undefined,
      () => `${effect_id} was claimed after its run ${run_id} or its task ${task_id} was ${state}`,
    );
  }
}

const State = z.tuple([
  z.object({
    attempts: z.array(z.object({ id: z.string(), version: z.number() })),
    over_budget: z.array(z.object({ id: z.string(), total: z.coerce.bigint(), allowed: z.coerce.bigint() })),
    overloaded: z.array(z.string()),
    idle_items: z.array(z.string()),
  }),
]);

/**
 * What must hold at every commit, read in its own transaction: no budget is passed but by bills above their holds, no agent has more than it
 * can take, nobody is asked about what waits for nobody, and a step that changed an attempt was decided from the journal and under the epoch that were locked.
 */
export async function checkCommit(simulation: Simulation, db: Queryable, readings: Readings): Promise<void> {
  const { locked } = readings;
  if (locked === undefined) return;
  const { checks } = simulation;
  simulation.scheduler.begin(readings.worker);
  const { rows } = await db
    .query(
      `SELECT
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', id, 'version', version)) FROM task_attempts WHERE id = ANY ($1)), '[]') AS attempts,
      COALESCE((SELECT jsonb_agg(jsonb_build_object('id', id, 'total', (spent_nano + held_nano)::text, 'allowed', (limit_nano + excess)::text))
        FROM budgets b, LATERAL (SELECT COALESCE(sum(GREATEST(settled_nano - amount_nano, 0)), 0) AS excess FROM budget_holds h WHERE h.budget_id = b.id) bills
        WHERE workspace_id = ANY ($2) AND spent_nano + held_nano > limit_nano), '[]') AS over_budget,
      COALESCE((SELECT jsonb_agg(name) FROM agents WHERE workspace_id = ANY ($2) AND current_task_count > max_concurrent_tasks), '[]') AS overloaded,
      COALESCE((SELECT jsonb_agg(i.kind || ' ' || i.id) FROM inbox_items i JOIN runs r ON r.id = i.run_id
        LEFT JOIN effects e ON e.id = i.effect_id LEFT JOIN task_attempts a ON a.id = e.attempt_id
        WHERE i.workspace_id = ANY ($2) AND i.state = 'open' AND NOT CASE WHEN i.kind = 'question' OR i.subject ->> 'because' = 'plan' THEN r.status = 'paused'
          ELSE r.status IN ('running', 'paused') AND a.status = 'running' AND e.state IN ('parked', 'unknown') END), '[]') AS idle_items`,
      [locked.rows.attempts.map((attempt) => attempt.id), simulation.workspaces],
    )
    .finally(() => simulation.scheduler.end(readings.worker));
  const [{ attempts, over_budget, overloaded, idle_items }] = State.parse(rows);
  const passed = over_budget.filter(({ total, allowed }) => total > allowed);
  checks.check("5 budget", passed.length === 0, () => passed.map((row) => `budget ${row.id}: ${row.total} of ${row.allowed}`).join(", "));
  checks.check("load", overloaded.length === 0, () => `more than they can take: ${overloaded.join(", ")}`);
  checks.check("inbox", idle_items.length === 0, () => `asked in vain: ${idle_items.join(", ")}`);
  if (locked.isStep) checkSteps(simulation, readings, locked.rows, new Map(attempts.map(({ id, version }) => [id, version])));
}

function checkSteps({ checks }: Simulation, { journals }: Readings, locked: LockedRows, now: ReadonlyMap<string, number>): void {
  const epochs = new Map(locked.runs.map((run) => [run.id, run.epoch]));
  for (const attempt of locked.attempts) {
    const journal = journals.get(attempt.id);
    if (journal === undefined || now.get(attempt.id) === attempt.version) continue;
    const was = `version ${journal.version}, epoch ${journal.epoch}`;
    const is = `version ${attempt.version}, epoch ${epochs.get(attempt.run_id)}`;
    checks.check("6 epoch", was === is, () => `a step of attempt ${attempt.id} was decided at ${was} and landed at ${is}`);
  }
}
