import { readOutcomes, readReviews } from "../../shared/orchestration/scorecards/sql.ts";
import { findAgent, listAgents, readWork, readWorkspaceRoom } from "../../shared/orchestration/sql/agents.ts";
import { raiseExecution } from "../../shared/orchestration/sql/executions.ts";
import { lockRuns, moveTasks } from "../../shared/orchestration/sql/place-tasks.ts";
import { listAgentsOfWorkspaces } from "../../shared/orchestration/sql/read-pool.ts";
import {
  countAgents,
  insertAgent,
  listWaitingRuns,
  lockWorkspace,
  updateAgent,
  updateWorkspaceRoom,
} from "../../shared/orchestration/sql/write-agents.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";

type Place = { workspaceId: string; midRunId: string; agentId: string; ready: string };
type Calls = Record<string, (db: Queryable) => Promise<unknown>>;

const always = { from: "2026-01-01T00:00:00Z", to: undefined };

const newAgent = {
  name: "another",
  role: "custom" as const,
  capabilities: ["read_file"],
  max_concurrent_tasks: 2,
  prompt_version: "v1",
  model: "default" as const,
  temperature: null,
  max_tokens: 100,
};

/** The statements of the agent pool on what is in `statements.test.ts`'s database, by the role that sends them. */
export function poolStatements(here: () => Place): { app: Calls; engine: Calls } {
  return {
    app: {
      listAgents: (db) => listAgents(db, { role: "executor", capability: "read_file" }),
      findAgent: (db) => findAgent(db, here().agentId),
      readWork: (db) => readWork(db, here().agentId, 10),
      readOutcomes: (db) => readOutcomes(db, { ...always, agentId: here().agentId, after: undefined, limit: 1 }),
      readReviews: async (db) => {
        const outcomes = await readOutcomes(db, { ...always, agentId: undefined, after: undefined, limit: 10 });
        const critics = outcomes.filter(({ role }) => role === "critic").map(({ id }) => id);
        return readReviews(db, critics, always);
      },
      lockWorkspace: (db) => lockWorkspace(db, here().workspaceId),
      countAgents,
      insertAgent: (db) => insertAgent(db, { ...newAgent, id: uuidv7(), workspaceId: here().workspaceId }),
      updateAgent: (db) => updateAgent(db, here().agentId, { ...newAgent, status: "idle" }),
      readWorkspaceRoom,
      updateWorkspaceRoom: (db) => updateWorkspaceRoom(db, 5),
      listWaitingRuns: (db) => listWaitingRuns(db, 10),
    },
    engine: {
      raiseExecution: (db) => raiseExecution(db, here().midRunId, `${here().midRunId}-1`, new Date()),
      lockRuns: (db) => lockRuns(db, [here().midRunId]),
      listAgentsOfWorkspaces: (db) => listAgentsOfWorkspaces(db, [here().workspaceId]),
      moveTasks: (db) => moveTasks(db, [{ task_id: here().ready, from: here().agentId, to: here().agentId }]),
    },
  };
}
