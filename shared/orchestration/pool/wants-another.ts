import { isOwnFailure, roomOf } from "../domain/agent-health.ts";
import type { StartableTask } from "../sql/read-startable.ts";

/** Whether a task had better begin on another agent: its own has no room now, or has just failed at it. */
export function wantsAnother({ agent, agent_id, failed_before }: StartableTask, now: string): boolean {
  return roomOf(agent, now) === 0 || (failed_before?.agent_id === agent_id && isOwnFailure(failed_before.code ?? ""));
}
