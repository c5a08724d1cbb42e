import * as z from "zod";
import { findNextMoment, startAsking, takeStep } from "./live.ts";
import { checkLooks } from "./next-looks.ts";
import { type Simulation, say } from "./simulation.ts";

/** Moments that a calm world may need until nothing is left to do; one that needs more has lost something. */
const MOST_MOMENTS = 600;

const Status = z.object({
  id: z.string(),
  status: z.string(),
  error: z.string().nullable(),
  running: z.int(),
  unknown: z.int(),
  asked: z.int(),
  paused: z.int(),
});

/** Lets a world without further faults come to its end: time passes, and people do what is theirs. */
export async function settle(simulation: Simulation): Promise<void> {
  simulation.isCalm = true;
  for (let moment = 0; moment < MOST_MOMENTS; moment += 1) {
    while (await takeStep(simulation));
    const runs = await readStatus(simulation);
    if (isOver(simulation, runs)) return;
    for (const run of runs) decide(simulation, run);
    if (await takeStep(simulation)) continue;
    const next = findNextMoment(simulation);
    await checkLooks(simulation, true);
    if (next === Infinity) return;
    simulation.clock.advanceTo(next);
  }
}

/** Raises budgets, decides what waits for a person, lets tasks go on; sometimes cancels, or lets the time pass in which it could have been decided. */
function decide(simulation: Simulation, run: z.infer<typeof Status>): void {
  const goal = simulation.goals.find(({ runId }) => runId === run.id);
  if (goal === undefined) return;
  const { random, clock } = simulation;
  if (run.status === "paused") startAsking(simulation, run.asked > 0 && random.chance(0.3) ? "decide" : "raise", goal);
  if (run.status !== "running" || run.running > 0 || run.asked + run.paused + run.unknown === 0) return;
  const mood = random.next();
  if (mood < 0.05) startAsking(simulation, "cancel", goal);
  else if (mood < 0.1) clock.advanceTo(clock.now() + 25 * 3_600_000);
  else if (run.paused > 0) startAsking(simulation, "resume task", goal);
  else startAsking(simulation, run.asked > 0 ? "decide" : "cancel", goal);
}

function isOver({ goals, engine, queues }: Simulation, runs: readonly z.infer<typeof Status>[]): boolean {
  const hasEnded = runs.every((run) => ["completed", "failed", "cancelled"].includes(run.status) && run.running === 0);
  const isWaiting = [...engine.executions.values()].some((execution) => execution.status === "RUNNING");
  return goals.every((goal) => goal.isPosted) && hasEnded && !isWaiting && queues.results.messages.length === 0;
}

async function readStatus(simulation: Simulation): Promise<z.infer<typeof Status>[]> {
  return simulation.database.transact({ role: "engine" }, async (db) => {
    // The limit that all runs of a workspace share is raised by people too.
    await db.query("UPDATE budgets SET limit_nano = NULL, day_limit_nano = NULL WHERE workspace_id = ANY ($1) AND run_id IS NULL", [
      simulation.workspaces,
    ]);
    const { rows } = await db.query(
      `SELECT r.id, r.status, r.error ->> 'code' AS error, count(e.id) FILTER (WHERE e.state = 'running')::int AS running,
        count(e.id) FILTER (WHERE e.state = 'unknown')::int AS unknown,
        (SELECT count(*)::int FROM inbox_items i WHERE i.run_id = r.id AND i.state = 'open') AS asked,
        (SELECT count(*)::int FROM tasks t WHERE t.run_id = r.id AND t.is_paused AND t.status IN ('pending', 'in_progress')) AS paused
      FROM runs r LEFT JOIN effects e ON e.run_id = r.id WHERE r.workspace_id = ANY ($1) GROUP BY r.id ORDER BY r.id`,
      [simulation.workspaces],
    );
    const runs = z.array(Status).parse(rows);
    say(simulation, `runs are ${runs.map((run) => [run.status, run.error].join(" ").trim()).join(", ")}`);
    return runs;
  });
}
