import { actorOf } from "../../auth/actor-of.ts";
import type { Identity } from "../../platform/api/route.ts";
import { conflict } from "../../platform/errors.ts";
import { MAX_AGENTS, type NewAgent } from "../contracts/agents.ts";
import type { RunDeps } from "../deps.ts";
import { type AgentRecord, findAgent } from "../sql/agents.ts";
import { countAgents, insertAgent, lockWorkspace } from "../sql/write-agents.ts";
import { askToLook } from "./ask-to-look.ts";
import { checkAgent, readModelsEnv } from "./check-agent.ts";

/**
 * Adds an agent to the workspace's pool; the same id again adds nothing. What waits for room may be given to it.
 * @throws AppError `conflict` when its name is taken or the pool is full; what `checkAgent` throws
 */
export async function registerAgent(deps: RunDeps, identity: Identity, id: string, agent: NewAgent): Promise<AgentRecord> {
  const { workspaceId } = identity;
  await checkAgent(agent, readModelsEnv(), deps.now());
  const { record, isNew } = await deps.db.transact(actorOf(identity), async (db) => {
    await lockWorkspace(db, workspaceId);
    const before = await findAgent(db, id);
    if (before !== undefined) return { record: before, isNew: false };
    if ((await countAgents(db)) >= MAX_AGENTS) throw conflict(`The workspace has ${MAX_AGENTS} agents already; retire one first`);
    if (!(await insertAgent(db, { ...agent, id, workspaceId }))) throw conflict(`The workspace has an agent named ${agent.name} already`);
    return { record: await findAgent(db, id), isNew: true };
  });
  if (record === undefined) throw new Error("an agent was not there after it had been registered");
  if (isNew) await askToLook(deps, actorOf(identity));
  return record;
}
