import { changeRun } from "../commit/change-run.ts";
import type { ConductorDeps } from "../deps.ts";
import { record } from "../domain/board.ts";
import { hasFact } from "../sql/read-events.ts";

/** An agent that cools down while everybody else who could do a task of this run does too. */
export type CoolDown = { run_id: string; agent_id: string; agent: string; code: string; until: string };

/**
 * Says in the log of each run why nothing begins and until when, once for each cool-down, and has the run looked at when it is over: nobody
 * else would notice, and whoever waits would see nothing.
 */
export async function tellOfCoolDowns(deps: ConductorDeps, coolDowns: readonly CoolDown[]): Promise<void> {
  const distinct = new Map(coolDowns.map((coolDown) => [`${coolDown.run_id} ${coolDown.agent_id}`, coolDown]));
  for (const { run_id, ...told } of distinct.values()) {
    const isNew = await changeRun(deps, { role: "engine" }, run_id, "run", async (board, run, db) => {
      const { agent_id, until } = told;
      if (run.status !== "running" || (await hasFact(db, run_id, { type: "agent-cooling-down", agent_id, until }))) return false;
      record(board, run_id, { type: "agent-cooling-down", ...told });
      return true;
    });
    if (isNew === true) await lookAgain(deps, run_id, told.until);
  }
}

/** Lost, the watchdog looks a little later. */
async function lookAgain(deps: ConductorDeps, runId: string, until: string): Promise<void> {
  const seconds = Math.max(1, Math.ceil((Date.parse(until) - deps.now().getTime()) / 1_000));
  await deps.outbox.sendHint(runId, seconds).catch((error: unknown) => {
    deps.log("a run will not be looked at when its agent has cooled down; its watchdog will", { run_id: runId, error: String(error) });
  });
}
