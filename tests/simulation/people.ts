import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control-run.ts";
import { createRun } from "../../shared/orchestration/create-run.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { type Worker, WorkerKilled } from "./scheduler.ts";
import { type Goal, type Simulation, say } from "./simulation.ts";
import { createDeps } from "./worker-deps.ts";

export type Wish = "post" | "cancel" | "pause" | "resume" | "raise";

/** A person asks for something and is told what came of it, unless the process that serves it dies. */
export async function ask(simulation: Simulation, worker: Worker, wish: Wish, goal: Goal): Promise<void> {
  const { still, checks } = simulation;
  const { resumes } = goal;
  const deps = createDeps(simulation, worker, "person killed");
  const actor = { role: "app", workspaceId: goal.workspaceId, userId: goal.workspaceId } as const;
  try {
    switch (wish) {
      case "post": {
        const { workspaceId, runId, script } = goal;
        const request = { runId, workspaceId, userId: workspaceId, goal: script.goal, files: [], model: "local:scripted", limit: script.limit };
        await createRun(deps, request);
        goal.isPosted = true;
        break;
      }
      case "cancel":
        await cancelRun(deps, actor, goal.runId);
        still.set(goal.runId, "cancelled");
        break;
      case "pause":
        await pauseRun(deps, actor, goal.runId);
        // Whoever asks for a resume at the same time may have it after the pause.
        if (!still.has(goal.runId) && goal.resumes === resumes && goal.resuming === 0) still.set(goal.runId, "paused");
        break;
      case "resume":
      case "raise":
        goal.resumes += 1;
        if (still.get(goal.runId) === "paused") still.delete(goal.runId);
        goal.resuming += 1;
        try {
          await resumeRun(deps, actor, goal.runId, wish === "raise" ? BigInt(simulation.random.integer(2_000, 9_000)) : undefined);
        } finally {
          goal.resuming -= 1;
        }
        break;
    }
    say(simulation, `${worker.name} was answered`);
  } catch (error) {
    const isRefusal = error instanceof AppError && (error.code === "conflict" || error.code === "not-found");
    const isMeant = isRefusal || error instanceof WorkerKilled || (error instanceof Error && error.name === "SendFailed");
    checks.check("errors", isMeant, () => `${wish}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    say(simulation, `${worker.name} was told ${isRefusal ? error.message : "nothing"}`);
  }
}
