import type { RunDeps } from "../../shared/orchestration/deps.ts";
import type { Goal, Simulation } from "./simulation.ts";

/** A person who wants something of a run, and what serves them. */
export type Asking = { readonly simulation: Simulation; readonly deps: RunDeps; readonly goal: Goal };

export function actorOf({ workspaceId }: Goal) {
  return { role: "app", workspaceId, userId: workspaceId } as const;
}
