import type { Queryable } from "../../platform/db/database.ts";
import { workingToolNames } from "../../tools/safety.ts";
import { insertDefaultAgents, insertWorkspaceBudget } from "../sql/agents.ts";

/** Executor tasks that a workspace carries out at once. */
const EXECUTOR_CAPACITY = 10;
/** The agents around the plan do little each; a workspace may run many goals at once. */
const SUPPORT_CAPACITY = 100;

/** Gives a new workspace its four agents and its budget. Runs in the transaction that creates the workspace, as `app` within it. */
export async function joinWorkspace(db: Queryable, workspaceId: string, newId: () => string): Promise<void> {
  const support = { capabilities: [], max_concurrent_tasks: SUPPORT_CAPACITY };
  await insertDefaultAgents(db, workspaceId, [
    { id: newId(), name: "Primary Planner", role: "planner", ...support, temperature: 0.7, max_tokens: 16_000 },
    {
      id: newId(),
      name: "Code Executor",
      role: "executor",
      capabilities: [...workingToolNames],
      max_concurrent_tasks: EXECUTOR_CAPACITY,
      temperature: 0.3,
      max_tokens: 8_000,
    },
    { id: newId(), name: "Quality Critic", role: "critic", ...support, temperature: 0.5, max_tokens: 4_000 },
    { id: newId(), name: "Context Summarizer", role: "summarizer", ...support, temperature: 0.4, max_tokens: 4_000 },
  ]);
  await insertWorkspaceBudget(db, { id: newId(), workspaceId });
}
