import * as z from "zod";
import { askToLook } from "../../shared/orchestration/pool/ask-to-look.ts";
import { lockWorkspace, updateAgent } from "../../shared/orchestration/sql/write-agents.ts";
import { type Asking, actorOf } from "./asking.ts";

const Executor = z.object({ id: z.string(), status: z.string() });

/** A person retires an executor, or lets one that was retired come back: what waits for it goes to others, or fails where nobody is left. */
export async function changeExecutor({ simulation, deps, goal }: Asking): Promise<void> {
  const actor = actorOf(goal);
  await deps.db.transact(actor, async (db) => {
    await lockWorkspace(db, goal.workspaceId);
    const { rows } = await db.query("SELECT id, status FROM agents WHERE role = 'executor' ORDER BY id", []);
    const executors = z.array(Executor).parse(rows);
    const retired = executors.filter((agent) => agent.status === "offline");
    if (retired.length === 0 && executors.length === 1 && simulation.random.chance(0.8)) return;
    const agent = simulation.random.pick(retired.length > 0 ? retired : executors);
    await updateAgent(db, agent.id, { status: agent.status === "offline" ? "idle" : "offline" });
  });
  await askToLook(deps, actor);
}
