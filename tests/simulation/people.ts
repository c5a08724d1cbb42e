import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { draftPayload } from "../../shared/orchestration/decide/draft.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { changeExecutor } from "./agent-wishes.ts";
import { type Asking, actorOf } from "./asking.ts";
import { raiseLimit } from "./budget-wishes.ts";
import { decideSomething } from "./inbox-wishes.ts";
import { PLAN_WISHES, postFork } from "./plan-wishes.ts";
import { type Worker, WorkerKilled } from "./scheduler.ts";
import { type Goal, type Simulation, say } from "./simulation.ts";
import { goOn, standStill } from "./standing-still.ts";
import { TASK_WISHES } from "./task-wishes.ts";
import { createDeps, describeError, SendFailed } from "./worker-deps.ts";

export type Wish =
  | "post"
  | "cancel"
  | "pause"
  | "resume"
  | "raise"
  | "limit"
  | "decide"
  | "agent"
  | keyof typeof TASK_WISHES
  | keyof typeof PLAN_WISHES;

/** What people are told when what they want is not to be had. */
const REFUSALS: ReadonlySet<string> = new Set([
  "conflict",
  "not-found",
  "already-decided",
  "arguments-changed",
  "approval-expired",
  "budget-exhausted",
  "task-started",
  "run-ended",
  "no-replans-left",
  "plan-unapproved",
]);

/** A person asks for something and is told what came of it, unless the process that serves it dies. */
export async function ask(simulation: Simulation, worker: Worker, wish: Wish, goal: Goal): Promise<void> {
  try {
    await WISHES[wish]({ simulation, deps: createDeps(simulation, worker, "person killed"), goal });
    say(simulation, `${worker.name} was answered`);
  } catch (error) {
    const isRefusal = error instanceof AppError && REFUSALS.has(error.code);
    // A task of an earlier plan, for one, has nothing downstream: whoever is told so does not ask again.
    const place = simulation.goals.indexOf(goal);
    if (isRefusal && wish === "post" && place !== -1) simulation.goals.splice(place, 1);
    const isMeant = isRefusal || error instanceof WorkerKilled || error instanceof SendFailed;
    simulation.checks.check("errors", isMeant, () => `${wish}: ${describeError(error)}`);
    say(simulation, `${worker.name} was told ${isRefusal ? error.message : "nothing"}`);
  }
}

const WISHES: Readonly<Record<Wish, (asking: Asking) => Promise<void>>> = {
  async post(asking) {
    const { goal } = asking;
    if (goal.forkOf === undefined) await postGoal(asking);
    else await postFork(asking, goal.forkOf);
    goal.isPosted = true;
  },
  async cancel({ simulation, deps, goal }) {
    await cancelRun(deps, actorOf(goal), goal.runId);
    simulation.still.set(goal.runId, "cancelled");
  },
  pause: ({ simulation, deps, goal }) => standStill(simulation, goal.runId, () => pauseRun(deps, actorOf(goal), goal.runId)),
  resume: (asking) => resume(asking, undefined),
  raise: (asking) => resume(asking, BigInt(asking.simulation.random.integer(2_000, 9_000))),
  limit: raiseLimit,
  decide: decideSomething,
  agent: changeExecutor,
  ...TASK_WISHES,
  ...PLAN_WISHES,
};

async function postGoal({ deps, goal: { runId, workspaceId, script } }: Asking): Promise<void> {
  const { goal, limit, replans, isPlanGiven, planOnly, divisions } = script;
  const settings = { limit, replans, planOnly, ...(divisions.depth === 0 ? {} : { subtaskDepth: divisions.depth }) };
  const request = { runId, workspaceId, userId: workspaceId, goal, files: [], model: "local:scripted", ...settings };
  await createRun(deps, isPlanGiven ? { ...request, plan: draftPayload(deps, script.plan) } : request);
}

function resume({ simulation, deps, goal }: Asking, limit: bigint | undefined): Promise<void> {
  return goOn(simulation, goal.runId, () => resumeRun(deps, actorOf(goal), goal.runId, limit));
}
