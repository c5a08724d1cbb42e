import type { Actor } from "../../platform/db/database.ts";
import type { RunDeps } from "../deps.ts";
import { readWorkspaceRoom, type WorkspaceRoom } from "../sql/agents.ts";
import { updateWorkspaceRoom } from "../sql/write-agents.ts";
import { askToLook } from "./ask-to-look.ts";

/** Sets how many tasks of a workspace run at once; where that is more than before, what waits may begin. */
export async function changePool(deps: RunDeps, actor: Actor & { role: "app" }, maxRunningTasks: number): Promise<WorkspaceRoom> {
  const room = await deps.db.transact(actor, async (db) => {
    await updateWorkspaceRoom(db, maxRunningTasks);
    return readWorkspaceRoom(db);
  });
  await askToLook(deps, actor);
  return room;
}
