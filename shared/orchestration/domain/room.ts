import type { AgentRow } from "./batch.ts";
import type { Board } from "./board.ts";

/** Ids of the agents that can take no further task. */
export function listFull(agents: Iterable<AgentRow>): string[] {
  return [...agents].filter((agent) => !hasRoom(agent)).map((agent) => agent.id);
}

/** Those of the agents that were `full` that have room on the board now: somebody may wait for them. */
export function listFreed(full: readonly string[], board: Board): string[] {
  return full.filter((id) => {
    const agent = board.agents.get(id);
    return agent !== undefined && hasRoom(agent);
  });
}

/** Whether this agent can take no further task: then whoever leaves it begins what waits for it. */
export function isFull(board: Board, agentId: string | null): boolean {
  const agent = agentId === null ? undefined : board.agents.get(agentId);
  return agent !== undefined && !hasRoom(agent);
}

function hasRoom(agent: AgentRow): boolean {
  return agent.current_task_count < agent.max_concurrent_tasks;
}
