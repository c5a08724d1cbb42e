import type { Agent } from "../contracts/agents.ts";
import { acceptsTasks, describeStatus } from "../domain/agent-health.ts";
import type { AgentRecord } from "../sql/agents.ts";

/** An agent as a person sees it at `now`: its status follows from its load and its health. */
export function viewAgent(record: AgentRecord, now: Date): Agent {
  const { consecutive_failures: _failures, cool_down_until: _until, last_failure: _failure, ...shown } = record;
  return { ...shown, status: describeStatus(record, now.toISOString()), accepts_tasks: acceptsTasks(record, now.toISOString()) };
}
