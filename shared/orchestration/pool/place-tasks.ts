import { changeRun } from "../commit/change-run.ts";
import type { ConductorDeps } from "../deps.ts";
import { isCoolingDown, isOwnFailure, roomOf } from "../domain/agent-health.ts";
import { chooseAgent, type PoolAgent } from "../domain/choose-agent.ts";
import { failUnplaced } from "../domain/fail-unplaced.ts";
import { expectCost } from "../prices/expect-cost.ts";
import { learnPricesOfPools } from "../prices/learn-prices.ts";
import { lockRuns, moveTasks } from "../sql/place-tasks.ts";
import { readPool } from "../sql/read-pool.ts";
import type { StartableTask } from "../sql/read-startable.ts";
import { tellOfCoolDowns } from "./tell-of-cool-downs.ts";

const ROLE_OF_KIND = { planner: "planner", executor: "executor", critic: "critic", summarizer: "summarizer", call: "executor" } as const;

/**
 * Gives tasks to other agents whose own is retired, cools down, has no room or just failed at them, if somebody else can do them; those that
 * nobody can do fail with `no-agent`. Answers the ids of those that may begin now.
 */
export async function placeTasks(deps: ConductorDeps, wanting: readonly StartableTask[]): Promise<string[]> {
  const now = deps.now().toISOString();
  const pools = await deps.db.transact({ role: "engine" }, (db) => readPool(db, [...new Set(wanting.map((task) => task.workspace_id))]));
  await learnPricesOfPools(deps, pools);
  const assigned = new Map<string, number>();
  const placed = wanting.map((task) => {
    const pool = pools.get(task.workspace_id) ?? [];
    const to = findAnother(deps, task, pool, { now, assigned });
    if (to !== undefined) assigned.set(to, (assigned.get(to) ?? 0) + 1);
    return { task, to };
  });
  await failLost(
    deps,
    placed.filter(({ to }) => to === undefined).map(({ task }) => task),
  );
  const moves = placed.flatMap(({ task: { task_id, run_id, agent_id: from }, to }) =>
    to === undefined || to === from ? [] : [{ task_id, run_id, from, to }],
  );
  if (moves.length > 0) {
    await deps.db.transact({ role: "engine" }, async (db) => {
      await lockRuns(db, [...new Set(moves.map((move) => move.run_id))]);
      await moveTasks(db, moves);
    });
  }
  await tellOfCoolDowns(
    deps,
    placed.flatMap(({ task, to }) => {
      const agent = pools.get(task.workspace_id)?.find(({ id }) => id === to);
      if (agent === undefined || !isCoolingDown(agent, now)) return [];
      const { id: agent_id, name, cool_down_until: until, last_failure } = agent;
      return until === null ? [] : [{ run_id: task.run_id, agent_id, agent: name, code: last_failure?.code ?? "internal", until }];
    }),
  );
  const stays = placed.filter(({ task, to }) => to === task.agent_id && roomOf(task.agent, now) > 0);
  return [...moves, ...stays.map(({ task }) => task)].map((task) => task.task_id);
}

function findAnother(
  { prices }: ConductorDeps,
  task: StartableTask,
  pool: readonly PoolAgent[],
  { now, assigned }: { now: string; assigned: ReadonlyMap<string, number> },
): string | undefined {
  const best = chooseAgent(pool, ROLE_OF_KIND[task.kind], task.required_capabilities, {
    now,
    assigned,
    complexity: task.complexity,
    expectCost: expectCost(prices, task.options.model),
    avoid: isOwnFailure(task.failed_before?.code ?? "") ? task.failed_before?.agent_id : undefined,
  });
  if (best === undefined) return undefined;
  // To wait at one agent for room is as good as at another: nobody is moved from queue to queue.
  const isWorthIt = task.agent.status === "offline" || roomOf(best, now) > (assigned.get(best.id) ?? 0);
  return isWorthIt ? best.id : task.agent_id;
}

async function failLost(deps: ConductorDeps, lost: readonly StartableTask[]): Promise<void> {
  for (const runId of new Set(lost.map((task) => task.run_id))) {
    const failing = lost.filter((task) => task.run_id === runId).map((task) => task.task_id);
    await changeRun(deps, { role: "engine" }, runId, { failing }, (board, run) => failUnplaced(board, run, failing));
  }
}
