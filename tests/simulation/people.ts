import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control-run.ts";
import { createRun } from "../../shared/orchestration/create-run.ts";
import type { RunDeps } from "../../shared/orchestration/deps.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { type Worker, WorkerKilled } from "./scheduler.ts";
import { type Goal, type Simulation, say } from "./simulation.ts";
import { createDeps, describeError, SendFailed } from "./worker-deps.ts";

export type Wish = "post" | "cancel" | "pause" | "resume" | "raise";

type Asking = { readonly simulation: Simulation; readonly deps: RunDeps; readonly goal: Goal };

/** A person asks for something and is told what came of it, unless the process that serves it dies. */
export async function ask(simulation: Simulation, worker: Worker, wish: Wish, goal: Goal): Promise<void> {
  try {
    await WISHES[wish]({ simulation, deps: createDeps(simulation, worker, "person killed"), goal });
    say(simulation, `${worker.name} was answered`);
  } catch (error) {
    const isRefusal = error instanceof AppError && (error.code === "conflict" || error.code === "not-found");
    const isMeant = isRefusal || error instanceof WorkerKilled || error instanceof SendFailed;
    simulation.checks.check("errors", isMeant, () => `${wish}: ${describeError(error)}`);
    say(simulation, `${worker.name} was told ${isRefusal ? error.message : "nothing"}`);
  }
}

const WISHES: Readonly<Record<Wish, (asking: Asking) => Promise<void>>> = {
  async post({ deps, goal }) {
    const { workspaceId, runId, script } = goal;
    const request = { runId, workspaceId, userId: workspaceId, goal: script.goal, files: [], model: "local:scripted" };
    await createRun(deps, { ...request, limit: script.limit });
    goal.isPosted = true;
  },
  async cancel({ simulation, deps, goal }) {
    await cancelRun(deps, actorOf(goal), goal.runId);
    simulation.still.set(goal.runId, "cancelled");
  },
  async pause({ simulation: { still }, deps, goal }) {
    const { resumes, resuming } = goal;
    await pauseRun(deps, actorOf(goal), goal.runId);
    // Whoever asks for a resume at the same time may have it after the pause.
    if (!still.has(goal.runId) && goal.resumes === resumes && resuming === 0) still.set(goal.runId, "paused");
  },
  resume: (asking) => resume(asking, undefined),
  raise: (asking) => resume(asking, BigInt(asking.simulation.random.integer(2_000, 9_000))),
};

async function resume({ simulation: { still }, deps, goal }: Asking, limit: bigint | undefined): Promise<void> {
  goal.resumes += 1;
  if (still.get(goal.runId) === "paused") still.delete(goal.runId);
  goal.resuming += 1;
  try {
    await resumeRun(deps, actorOf(goal), goal.runId, limit);
  } finally {
    goal.resuming -= 1;
  }
}

function actorOf({ workspaceId }: Goal) {
  return { role: "app", workspaceId, userId: workspaceId } as const;
}
