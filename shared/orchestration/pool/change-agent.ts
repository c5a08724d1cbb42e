import { actorOf } from "../../auth/actor-of.ts";
import type { Identity } from "../../platform/api/route.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import { type AgentChange, MAX_AGENTS } from "../contracts/agents.ts";
import type { RunDeps } from "../deps.ts";
import { type AgentRecord, findAgent } from "../sql/agents.ts";
import { countAgents, lockWorkspace, updateAgent } from "../sql/write-agents.ts";
import { askToLook } from "./ask-to-look.ts";
import { checkAgent, readModelsEnv } from "./check-agent.ts";

/**
 * Changes an agent. Set offline it is retired: it is given no more tasks, those that run come to their end, and whoever begins those that
 * wait gives them to others.
 * @throws AppError `not-found`; `conflict` when the name is taken, or the pool is full and it would come back; what `checkAgent` throws
 */
export async function changeAgent(deps: RunDeps, identity: Identity, agentId: string, change: AgentChange): Promise<AgentRecord> {
  const actor = actorOf(identity);
  const before = await deps.db.transact(actor, (db) => findAgent(db, agentId));
  if (before === undefined) throw notFound("The agent");
  await checkAgent({ ...change, role: before.role }, readModelsEnv(), deps.now());
  const after = await deps.db.transact(actor, async (db) => {
    await lockWorkspace(db, identity.workspaceId);
    await refuseReturn(change, await findAgent(db, agentId), () => countAgents(db));
    await updateAgent(db, agentId, change).catch((error: unknown) => {
      throw isUniqueViolation(error) ? conflict(`The workspace has an agent named ${change.name} already`) : error;
    });
    return findAgent(db, agentId);
  });
  if (after === undefined) throw notFound("The agent");
  await askToLook(deps, actor);
  return after;
}

async function refuseReturn(change: AgentChange, agent: AgentRecord | undefined, count: () => Promise<number>): Promise<void> {
  if (change.status !== "idle" || agent?.status !== "offline") return;
  if ((await count()) >= MAX_AGENTS) throw conflict(`The workspace has ${MAX_AGENTS} agents already; retire one first`);
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "23505";
}
