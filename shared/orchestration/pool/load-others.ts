import type { Queryable } from "../../platform/db/database.ts";
import { chooseAgent } from "../domain/choose-agent.ts";
import type { AttemptJournal } from "../sql/read-journals.ts";
import { readPool } from "../sql/read-pool.ts";

/** Who could try a task in its agent's place; null when there is nobody. */
export type FindOther = (journal: Pick<AttemptJournal, "workspace_id" | "agent_id" | "required_capabilities">) => string | null;

/** Whom the steps of these journals may name as another agent. */
export async function loadOthers(db: Queryable, journals: readonly AttemptJournal[], now: Date): Promise<FindOther> {
  const pools = await readPool(db, [...new Set(journals.map((journal) => journal.workspace_id))]);
  return ({ workspace_id, agent_id, required_capabilities }) => {
    const others = (pools.get(workspace_id) ?? []).filter((agent) => agent.id !== agent_id);
    return chooseAgent(others, "executor", required_capabilities, { now: now.toISOString() })?.id ?? null;
  };
}
