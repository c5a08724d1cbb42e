import { takeOver } from "../../shared/orchestration/watchdog/take-over.ts";
import { workAsConductor } from "./conductors.ts";
import { workAsHand } from "./hands.ts";
import { checkLooks } from "./next-looks.ts";
import { ask, type Wish } from "./people.ts";
import { listVisible, takeMessages } from "./queue.ts";
import { type Turn, type Worker, WorkerKilled } from "./scheduler.ts";
import { type Goal, goesWrong, type Simulation, say } from "./simulation.ts";
import { createDeps } from "./worker-deps.ts";

/** Who may work at the same time, and what a conductor may take at once. */
const MOST = { conductors: 3, hands: 3, people: 2, messages: 8 };

/** How often conductors rest when one of them begins, and for how many steps. */
const RESTS = { chance: 0.06, from: 20, to: 60 };

type Option = { readonly weight: number; readonly take: () => void };

/**
 * Lets the world do one thing that it could do now, chosen by its seed: a worker goes on, a conductor or a hand takes messages, a person asks for
 * something. False when there was nothing to do but to wait.
 */
export async function takeStep(simulation: Simulation): Promise<boolean> {
  await simulation.scheduler.untilIdle();
  await checkLooks(simulation, false);
  if (goesWrong(simulation, "process and queues lost")) await loseEverything(simulation);
  if (goesWrong(simulation, "clock jumped")) jump(simulation);
  letPeopleWish(simulation);
  const options = [...continueWorkers(simulation), ...takeFromQueues(simulation), ...letPeoplePost(simulation)];
  const total = options.reduce((sum, option) => sum + option.weight, 0);
  // Else the time would pass until something fails because nobody worked.
  if (total === 0 && simulation.rest > 0) {
    simulation.rest = 0;
    return true;
  }
  // Who waits for a lock goes on by itself, and the server ends a wait of two for each other: that takes real time.
  if (total === 0) return simulation.scheduler.hasBlocked();
  let place = simulation.random.next() * total;
  const chosen = options.find((option) => {
    place -= option.weight;
    return place < 0;
  });
  chosen?.take();
  if (!simulation.isCalm) simulation.clock.advanceTo(simulation.clock.now() + simulation.random.integer(0, 400));
  return true;
}

/** Whether only watchdogs have anything left to do. */
export function isQuiet({ queues, engine, workers, goals }: Simulation): boolean {
  const messages = Object.values(queues).flatMap((queue) => queue.messages);
  const isWaiting = [...engine.executions.values()].some((execution) => execution.status === "RUNNING");
  return (
    !isWaiting &&
    workers.size === 0 &&
    goals.every((goal) => goal.isPosted) &&
    messages.every((message) => message.body.includes("watchdog"))
  );
}

/** When something can happen that cannot happen now; Infinity: never. */
export function findNextMoment({ clock, queues }: Simulation): number {
  const messages = Object.values(queues).flatMap((queue) => queue.messages.map((message) => message.visibleAt));
  return Math.min(clock.nextAlarm(), ...messages.filter((time) => time > clock.now()));
}

function continueWorkers({ scheduler }: Simulation): Option[] {
  return scheduler.waiting.filter((turn) => turn.canGo()).map((turn) => ({ weight: 4, take: () => scheduler.goOn(turn) }));
}

function takeFromQueues(simulation: Simulation): Option[] {
  const { queues, random } = simulation;
  const options: Option[] = [];
  const isResting = simulation.rest > 0 && !simulation.isCalm;
  if (isResting) simulation.rest -= 1;
  for (const queue of isResting ? [] : [queues.control, queues.results]) {
    if (listVisible(simulation, queue).length === 0 || count(simulation, "conductor") >= MOST.conductors) continue;
    options.push({
      weight: 3,
      take: () => {
        const messages = takeMessages(simulation, queue, random.integer(1, MOST.messages));
        if (random.chance(RESTS.chance)) simulation.rest = random.integer(RESTS.from, RESTS.to);
        const what = messages.map((message) => message.body).join(" ");
        start(simulation, { kind: "conductor", what }, (worker) => workAsConductor(simulation, worker, queue, messages));
      },
    });
  }
  if (listVisible(simulation, queues.effects).length > 0 && count(simulation, "hand") < MOST.hands) {
    options.push({
      weight: 3,
      take: () => {
        const messages = takeMessages(simulation, queues.effects, random.integer(1, 4));
        start(simulation, { kind: "hand", what: `${messages.length} effects` }, (worker) => workAsHand(simulation, worker, messages));
      },
    });
  }
  return options;
}

function letPeoplePost(simulation: Simulation): Option[] {
  if (count(simulation, "person") >= MOST.people) return [];
  return simulation.goals
    .filter((goal) => !goal.isPosted)
    .map((goal) => ({ weight: 1, take: () => startAsking(simulation, "post", goal) }));
}

/** How often somebody wants something of a run that goes on, at each step. */
const WISHES = 0.025;

const WHILE_IT_GOES_ON: readonly Wish[] = [
  "pause",
  "pause",
  "raise",
  "limit",
  "decide",
  "decide",
  "decide",
  "agent",
  "pause task",
  "pause task",
  "resume task",
  "resume task",
  "resume task",
  "change task",
  "change task",
  "fork",
];
const WHILE_IT_STANDS_STILL: readonly Wish[] = [
  "resume",
  "resume",
  "raise",
  "raise",
  "limit",
  "decide",
  "pause task",
  "resume task",
  "change task",
  "fork",
];

function letPeopleWish(simulation: Simulation): void {
  const { random, still, goals } = simulation;
  if (simulation.isCalm || !random.chance(WISHES)) return;
  const goal = random.pick(goals);
  if (!goal.isPosted) return;
  if (random.chance(0.05))
    return startAsking(simulation, random.pick<Wish>(["cancel", "cancel task", "cancel task", "replan", "replan"]), goal);
  startAsking(simulation, random.pick(still.has(goal.runId) ? WHILE_IT_STANDS_STILL : WHILE_IT_GOES_ON), goal);
}

export function startAsking(simulation: Simulation, wish: Wish, goal: Goal): void {
  start(simulation, { kind: "person", what: `${wish} ${goal.runId}` }, (worker) => ask(simulation, worker, wish, goal));
}

function count(simulation: Simulation, kind: string): number {
  return [...simulation.workers].filter((worker) => worker.name.startsWith(kind)).length;
}

type Job = { kind: string; what: string; isSafe?: boolean };

function start(simulation: Simulation, { kind, what, isSafe = false }: Job, work: (worker: Worker) => Promise<void>): void {
  simulation.workersSoFar += 1;
  const worker: Worker = { name: `${kind} ${simulation.workersSoFar}`, isDead: false, isSafe };
  say(simulation, `${worker.name} begins: ${what}`);
  simulation.workers.add(worker);
  void work(worker)
    .catch((error: unknown) => simulation.checks.check("errors", error instanceof WorkerKilled, () => String(error)))
    .finally(() => simulation.workers.delete(worker));
}

/** Past leases, past looks of the watchdog, past heartbeats; seldom past the deadline of the runs. */
function jump({ clock, random }: Simulation): void {
  const seconds = random.chance(0.04) ? random.pick([4_000, 90_000]) : random.pick([30, 91, 91, 200, 600]);
  clock.advanceTo(clock.now() + seconds * 1_000);
}

/** The one process of an embedded run dies with all that is in memory, and another takes over. */
async function loseEverything(simulation: Simulation): Promise<void> {
  const { scheduler, queues, engine, workers, leases } = simulation;
  for (const worker of workers) worker.isDead = true;
  while (scheduler.waiting.length > 0) {
    for (const turn of scheduler.waiting.slice() as Turn[]) scheduler.goOn(turn);
    await scheduler.untilIdle();
  }
  for (const queue of Object.values(queues)) queue.messages = [];
  simulation.agenda.clear();
  engine.executions.clear();
  leases.forget();
  // One that dies of it is followed by one that takes over as well.
  start(simulation, { kind: "conductor", what: "take over", isSafe: true }, async (worker) => {
    await takeOver(createDeps(simulation, worker, "conductor killed"));
  });
}
