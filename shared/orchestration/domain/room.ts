import type { EffectError } from "../../effects/contracts/effect.ts";
import { acceptsTasks, isOwnFailure, noteFailure, noteSuccess, roomOf } from "./agent-health.ts";
import type { AgentRow, AttemptRow } from "./batch.ts";
import { type Board, change } from "./board.ts";

/** Takes the place of one task on an agent. */
export function occupy(board: Board, agent: AgentRow): void {
  change(board, "agents", agent).current_task_count += 1;
}

/** Gives back the place that an attempt took, and tells its agent's health how it ended. Without `end` it was broken off by others. */
export function release(board: Board, attempt: AttemptRow, end?: { error: EffectError | null }): void {
  const agent = board.agents.get(attempt.agent_id);
  if (agent === undefined) return;
  change(board, "agents", agent).current_task_count = Math.max(0, agent.current_task_count - 1);
  if (end === undefined) return;
  if (end.error === null) Object.assign(agent, noteSuccess(agent));
  else blame(board, attempt, end.error.code, attempt.started_at ?? null);
}

/** Tells the health of an attempt's agent of a failure in what was begun at `begunAt`, if such a failure is an agent's own. */
export function blame(board: Board, attempt: AttemptRow, code: string, begunAt: string | null): void {
  const agent = board.agents.get(attempt.agent_id);
  if (agent === undefined || !isOwnFailure(code)) return;
  Object.assign(change(board, "agents", agent), noteFailure(agent, { code, begunAt, now: board.now }));
}

/** Ids of the agents that can take no further task. */
export function listFull(agents: Iterable<AgentRow>, now: string): string[] {
  return [...agents].filter((agent) => roomOf(agent, now) === 0).map((agent) => agent.id);
}

/** Those of the agents that were `full` that have room on the board now: somebody may wait for them. */
export function listFreed(full: readonly string[], board: Board): string[] {
  return full.filter((id) => {
    const agent = board.agents.get(id);
    return agent !== undefined && roomOf(agent, board.now) > 0;
  });
}

/** Whether this agent has no room left of what it may take: then whoever leaves it begins what waits for it. */
export function isFull(board: Board, agentId: string | null): boolean {
  const agent = agentId === null ? undefined : board.agents.get(agentId);
  return agent !== undefined && acceptsTasks(agent, board.now) && roomOf(agent, board.now) === 0;
}
