import * as z from "zod";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { layOutDag } from "./lay-out-dag.ts";
import type { Bench } from "./open-bench.ts";
import type { Shape } from "./shapes.ts";

export type DagRuns = { tasks: number; seconds: number; layOutSeconds: number; tasksPerSecond: number; commitsPerTask: number };

/**
 * Carries out as many runs of one shape at once, from the message that begins to carry out their plans until the last phase is answered.
 * Laying out the plans is measured apart. Throws when a task is missing, a hold is left, or a log has a gap.
 */
export async function runDags({ conductor, workspace, endOf }: Bench, owner: Database, shape: Shape, count = 1): Promise<DagRuns> {
  const begun = performance.now();
  const runIds: string[] = [];
  for (let index = 0; index < count; index += 1) runIds.push(await layOutDag(conductor, workspace, shape));
  const laidOut = performance.now();
  const commits = await countWrites(owner);
  const ends = runIds.map((runId) => endOf(runId));
  await processControl(
    conductor,
    runIds.map((run_id) => ({ kind: "phase", phase: "execute", run_id, token: run_id })),
  );
  await Promise.all(ends);
  await conductor.ownHand?.settled();
  const seconds = (performance.now() - laidOut) / 1_000;
  const written = (await countWrites(owner)) - commits;
  await checkRuns(owner, runIds, shape.length);
  const tasks = shape.length * count;
  return { tasks, seconds, layOutSeconds: (laidOut - begun) / 1_000, tasksPerSecond: tasks / seconds, commitsPerTask: written / tasks };
}

/** Each transaction that writes takes the next number, and no other does. */
async function countWrites(owner: Database): Promise<number> {
  return ask(owner, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS value", []);
}

/** What must not be found after the runs, counted: the reason why the numbers above may be believed. */
async function checkRuns(owner: Database, runIds: readonly string[], tasks: number): Promise<void> {
  const wrong = await ask(
    owner,
    `SELECT (SELECT count(*) FROM unnest($1::uuid[]) r WHERE (SELECT count(*) FROM tasks t
          WHERE t.run_id = r AND t.kind = 'executor' AND t.status = 'completed' AND t.attempts = 1) <> $2)
      + (SELECT count(*) FROM effects WHERE run_id = ANY ($1) AND state <> 'done')
      + (SELECT count(*) FROM budgets WHERE run_id = ANY ($1) AND (held_nano <> 0 OR spent_nano = 0))
      + (SELECT count(*) FROM task_dependencies d JOIN tasks t ON t.id = d.task_id JOIN tasks p ON p.id = d.depends_on
          WHERE d.run_id = ANY ($1) AND t.started_at < p.completed_at)
      + (SELECT count(*) FROM runs r WHERE r.id = ANY ($1) AND r.event_seq <> (SELECT sum(e.count) FROM run_events e WHERE e.run_id = r.id))
      AS value`,
    [runIds, tasks],
  );
  if (wrong > 0) throw new Error(`${wrong} things are wrong after the runs`);
}

async function ask(owner: Database, text: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await owner.transact({ role: "owner" }, (db) => db.query(text, values));
  return z.tuple([z.object({ value: z.coerce.number() })]).parse(rows)[0].value;
}
