import type { EffectError } from "../../effects/contracts/effect.ts";
import { acceptsTasks, isOwnFailure, noteFailure, noteSuccess, roomOf } from "./agent-health.ts";
import type { AgentRow, AttemptRow, BudgetRow } from "./batch.ts";
import { type Board, type BoardRun, change } from "./board.ts";

/** Takes the place of one task on an agent, and in the workspace. */
export function occupy(board: Board, run: BoardRun, agent: AgentRow): void {
  change(board, "agents", agent).current_task_count += 1;
  const workspace = findWorkspace(board, run.workspace_id);
  if (workspace !== undefined) change(board, "budgets", workspace).running_tasks += 1;
}

/** Whether as many tasks of the workspace run as may at once, or more. */
export function isWorkspaceFull(board: Board, workspaceId: string): boolean {
  const workspace = findWorkspace(board, workspaceId);
  return workspace !== undefined && hasNoRoom(workspace);
}

const hasNoRoom = (workspace: BudgetRow) => workspace.running_tasks >= workspace.max_running_tasks;

function findWorkspace(board: Board, workspaceId: string): BudgetRow | undefined {
  for (const budget of board.budgets.values()) if (budget.scope === "workspace" && budget.workspace_id === workspaceId) return budget;
  return undefined;
}

/** Ids of the workspaces in which no further task may begin. */
export function listFullWorkspaces(budgets: Iterable<BudgetRow>): string[] {
  return [...budgets].flatMap((budget) => (budget.scope === "workspace" && hasNoRoom(budget) ? [budget.workspace_id] : []));
}

/** Those of the workspaces that were `full` that have room on the board now: tasks may wait for it on any of their agents. */
export function listFreedWorkspaces(full: readonly string[], board: Board): string[] {
  return full.filter((id) => !isWorkspaceFull(board, id));
}

/** Gives back the place that an attempt took, and tells its agent's health how it ended. Without `end` it was broken off by others. */
export function release(board: Board, attempt: AttemptRow, end?: { error: EffectError | null }): void {
  const run = board.runs.get(attempt.run_id);
  const workspace = run === undefined ? undefined : findWorkspace(board, run.workspace_id);
  if (workspace !== undefined) change(board, "budgets", workspace).running_tasks = Math.max(0, workspace.running_tasks - 1);
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
