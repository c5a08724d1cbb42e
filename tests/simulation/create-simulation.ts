import { createAgenda } from "../../local/aws/agenda.ts";
import { openBudget } from "../../shared/orchestration/budgets/sql.ts";
import { insertDefaultAgents } from "../../shared/orchestration/sql/agents.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { createWorkspace } from "../world/open-world.ts";
import { createChecks } from "./checks.ts";
import { createLeases } from "./leases.ts";
import { loadModules } from "./load-modules.ts";
import { createLooks } from "./looks.ts";
import { sendMessage } from "./queue.ts";
import { createIds, createRandom, type Random } from "./random.ts";
import { drawGoal } from "./random-dag.ts";
import { createScheduler, type Worker } from "./scheduler.ts";
import { createSimulatedClock } from "./simulated-clock.ts";
import type { Goal, Simulation } from "./simulation.ts";
import { createStateMachine } from "./state-machine.ts";

export type SimulationPlace = {
  readonly database: Database;
  readonly connections: number;
  /** Statements that wait for another transaction's lock. */
  readonly countBlocked: () => Promise<number>;
  /** Tasks that a plan may have. */
  readonly mostTasks: number;
};

/** The world of a seed: one or two workspaces with little capacity, and up to three goals that share their agents and budgets. */
export async function createSimulation(
  seed: number,
  { database, connections, mostTasks, countBlocked }: SimulationPlace,
): Promise<Simulation> {
  await loadModules();
  const random = createRandom(seed);
  const clock = createSimulatedClock(Date.UTC(2026, 0, 1));
  const agenda = createAgenda(clock);
  const newId = createIds(random, clock.now);
  const checks = createChecks();
  const workers = new Set<Worker>();
  const workspaces = Array.from({ length: random.integer(1, 2) }, newId);
  const goals = drawGoals(random, newId, workspaces, mostTasks, seed);
  const queues = {
    control: { name: "control", messages: [] },
    results: { name: "results", messages: [] },
    effects: { name: "effects", messages: [] },
  };
  const engine = createStateMachine(
    agenda,
    (message) => sendMessage(simulation, queues.control, message),
    // The bus keeps what it could not hand over, and tries for a day.
    (event) => sendMessage(simulation, queues.control, event, { isReliable: true }),
  );
  const simulation: Simulation = {
    seed,
    random,
    newId,
    clock,
    agenda,
    scheduler: createScheduler(workers, countBlocked),
    database,
    connections,
    queues,
    engine,
    workspaces,
    goals,
    checks,
    leases: createLeases(checks),
    looks: createLooks(),
    still: new Map(),
    resumes: new Map(),
    outageUntil: 0,
    trace: [],
    faults: {},
    facts: {},
    openTransactions: new Set(),
    rest: 0,
    isCalm: false,
    workers,
    workersSoFar: 0,
  };
  for (const id of workspaces) await fillWorkspace(simulation, id);
  return simulation;
}

function drawGoals(random: Random, newId: () => string, workspaces: readonly string[], mostTasks: number, seed: number): Goal[] {
  return Array.from({ length: random.integer(1, 3) }, (_, index) => ({
    runId: newId(),
    workspaceId: random.pick(workspaces),
    script: drawGoal(random, `goal ${index + 1} of seed ${seed}`, mostTasks),
    isPosted: false,
  }));
}

/** Agents that can take little, sometimes a second one to act, and sometimes budgets that all runs share: for ever, for each day, for their user. */
async function fillWorkspace({ database, random, newId }: Simulation, id: string): Promise<void> {
  await createWorkspace(database, id, newId, random.integer(1, 3));
  const limit = random.chance(0.6) ? null : random.integer(1_000, 6_000);
  await database.transact({ role: "app", workspaceId: id, userId: id }, async (db) => {
    if (random.chance(0.5)) {
      const agent = { id: newId(), name: "Second Executor", role: "executor", capabilities: [] };
      await insertDefaultAgents(db, id, [{ ...agent, max_concurrent_tasks: random.integer(1, 2), temperature: 0, max_tokens: 1_000 }]);
    }
    const day = random.chance(0.8) ? null : random.integer(600, 3_000);
    await db.query("UPDATE budgets SET limit_nano = $1, day_limit_nano = $2 WHERE workspace_id = $3", [limit, day, id]);
    if (random.chance(0.2))
      await openBudget(db, { id: newId(), workspaceId: id, scope: "user", userId: id, limit: BigInt(random.integer(600, 5_000)) });
  });
}
