import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";

const Execution = z.object({
  name: z.string(),
  run_id: z.uuid(),
  workspace_id: z.uuid(),
  phase: z.string(),
  timeout_seconds: z.int(),
  replans_left: z.int(),
});
export type Execution = z.infer<typeof Execution>;

/** The States Language wants a timeout longer than the heartbeat of 3600 s; an earlier deadline is the watchdog's to keep. */
const SHORTEST_TIMEOUT = 3_601;

/** `now`: the parameter that holds the time. */
const execution = (now: string) => `id || '-' || execution_number AS name, id AS run_id, workspace_id, phase, replans_left,
  GREATEST(${SHORTEST_TIMEOUT}, EXTRACT(EPOCH FROM deadline - ${now}::timestamptz))::int AS timeout_seconds`;

/** The call of one tool has no phases, so no state machine. */
const NEEDS_MACHINE = "status IN ('pending', 'running', 'paused') AND phase <> 'call'";

/** What the state machine of a run is started with, while the run goes on. */
export async function readExecution(db: Queryable, runId: string, now: Date): Promise<Execution | undefined> {
  const { rows } = await db.query(`SELECT ${execution("$2")} FROM runs WHERE id = $1 AND ${NEEDS_MACHINE}`, [runId, now]);
  return z.array(Execution).parse(rows)[0];
}

const TakenRun = z.object({ id: z.uuid() });

/** Gives a run the next name of its execution, unless somebody else has since `name`, or the run has ended. */
export async function raiseExecution(db: Queryable, runId: string, name: string, now: Date): Promise<Execution | undefined> {
  const { rows } = await db.query(
    `UPDATE runs SET execution_number = execution_number + 1, updated_at = $2::timestamptz
    WHERE id = $1 AND id || '-' || execution_number = $3 AND ${NEEDS_MACHINE} RETURNING ${execution("$2")}`,
    [runId, now, name],
  );
  return z.array(Execution).parse(rows)[0];
}

/**
 * Takes over every run that goes on, for a process whose predecessor died with its queues and state machines: ends the leases that the
 * dead held, begins a new watchdog chain, and gives each run the next name of its execution, because a closed name is refused. People may
 * ask for things meanwhile, so it locks what everybody else does in the same order: runs, then effects, each by id.
 */
export async function takeOverRuns(db: Queryable, now: Date): Promise<(Execution & { watchdog_seq: number; needs_machine: boolean })[]> {
  const taken = await db.query(
    `SELECT id FROM runs WHERE status IN ('pending', 'running', 'paused')
      OR EXISTS (SELECT 1 FROM effects e WHERE e.run_id = runs.id AND e.state = 'running') ORDER BY id FOR NO KEY UPDATE`,
    [],
  );
  const ids = z
    .array(TakenRun)
    .parse(taken.rows)
    .map((run) => run.id);
  await db.query(
    `WITH held AS (SELECT id FROM effects WHERE run_id = ANY ($1) AND state = 'running' ORDER BY id FOR NO KEY UPDATE)
    UPDATE effects SET lease_until = $2::timestamptz FROM held WHERE effects.id = held.id`,
    [ids, now],
  );
  const { rows } = await db.query(
    `UPDATE runs SET execution_number = execution_number + 1, watchdog_seq = watchdog_seq + 1, updated_at = $2::timestamptz
    WHERE id = ANY ($1) RETURNING ${execution("$2")}, watchdog_seq, ${NEEDS_MACHINE} AS needs_machine`,
    [ids, now],
  );
  return z.array(Execution.extend({ watchdog_seq: z.int(), needs_machine: z.boolean() })).parse(rows);
}
