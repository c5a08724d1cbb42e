import type { Agenda } from "../../local/aws/agenda.ts";
import type { Engine } from "../../local/aws/state-machine/execution.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import type { Checks } from "./checks.ts";
import { FAULT_RATES, type Fault, type FaultCounts } from "./faults.ts";
import type { Leases } from "./leases.ts";
import type { Looks } from "./looks.ts";
import type { Queue } from "./message.ts";
import type { Random } from "./random.ts";
import type { GoalScript } from "./random-dag.ts";
import type { Scheduler, Worker } from "./scheduler.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

export const LEASE_SECONDS = 90;
export const WATCHDOG_SECONDS = 120;

/** A goal that somebody posts: the run that it becomes, and whose it is. */
export type Goal = {
  readonly runId: string;
  readonly workspaceId: string;
  readonly script: GoalScript;
  /** Where it is no goal of its own, but a run carried out once more from one of its tasks on. */
  readonly forkOf?: { readonly runId: string; readonly taskId: string };
  isPosted: boolean;
};

/** A transaction that has begun and has not ended, and what it has sent so far; the last of it may be under way. */
export type OpenTransaction = { readonly worker: Worker; readonly sent: Statement[] };
export type Statement = { readonly text: string; readonly values: readonly unknown[] | undefined };

/** One seed's world: a database, queues, a state machine and a clock, and whoever works in it. */
export type Simulation = {
  readonly seed: number;
  readonly random: Random;
  readonly newId: () => string;
  readonly clock: SimulatedClock;
  readonly agenda: Agenda;
  readonly scheduler: Scheduler;
  readonly database: Database;
  /** Connections; one means that a transaction has the database to itself. */
  readonly connections: number;
  readonly queues: { readonly control: Queue; readonly results: Queue; readonly effects: Queue };
  readonly engine: Engine;
  readonly workspaces: readonly string[];
  readonly goals: Goal[];
  readonly checks: Checks;
  readonly leases: Leases;
  readonly looks: Looks;
  /** Runs and tasks of which a person was told that they stand still, until a person lets them go on: no effect of them may be claimed. */
  readonly still: Map<string, "cancelled" | "paused">;
  /** How many have asked for a run or a task to go on, and how many of them still wait for an answer. */
  readonly resumes: Map<string, { asked: number; underWay: number }>;
  /** Until when no provider answers. Milliseconds. */
  outageUntil: number;
  /** What happened, newest last. */
  readonly trace: string[];
  readonly faults: FaultCounts;
  /** What the logs of its runs say, by the kind of fact. */
  readonly facts: Record<string, number>;
  readonly openTransactions: Set<OpenTransaction>;
  /** Steps during which no conductor takes anything: then there is much to take at once, of many runs, and several take it. */
  rest: number;
  /** Nothing goes wrong on purpose any more. */
  isCalm: boolean;
  readonly workers: Set<Worker>;
  workersSoFar: number;
};

export function say(simulation: Simulation, line: string): void {
  simulation.trace.push(line);
}

/** Whether this goes wrong now; counted and told if it does. */
export function goesWrong(simulation: Simulation, fault: Fault, what = ""): boolean {
  if (simulation.isCalm || !simulation.random.chance(FAULT_RATES[fault])) return false;
  simulation.faults[fault] = (simulation.faults[fault] ?? 0) + 1;
  say(simulation, `  FAULT ${fault} ${what}`);
  return true;
}
