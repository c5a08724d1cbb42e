/** What the agent's row knows of its health. Times are ISO 8601. */
export type Health = {
  /** Failures of its own since the last success. */
  consecutive_failures: number;
  /** It is given nothing before; then one task at a time, until one succeeds. */
  cool_down_until: string | null;
  last_failure: { code: string; at: string } | null;
};

export type HealthyAgent = Health & {
  /** `offline`: retired. Everything else follows from load and health when somebody looks. */
  status: string;
  current_task_count: number;
  max_concurrent_tasks: number;
};

/** Failures in a row after which an agent cools down. */
export const FAILURE_LIMIT = 5;
const FIRST_COOL_DOWN_SECONDS = 10;
const LONGEST_COOL_DOWN_SECONDS = 600;

/** Failures that say more of the agent, its model or its provider than of the task: another agent may do better. */
const OWN_FAILURES: ReadonlySet<string> = new Set([
  "answer-truncated",
  "internal",
  "invalid-answer",
  "lease-lost",
  "provider-rejected",
  "provider-unavailable",
  "too-many-turns",
  "unpriced-model",
  "wrong-configuration",
]);

export function isOwnFailure(code: string): boolean {
  return OWN_FAILURES.has(code);
}

/**
 * Health after a failure of the agent's own in what it began at `begunAt`. What was begun before the last failure was counted is part of
 * the same incident: ten tasks that meet a provider that is down count once. A failed trial doubles the time to cool down.
 */
export function noteFailure(
  { consecutive_failures: failures, cool_down_until, last_failure }: Health,
  failure: { code: string; begunAt: string | null; now: string },
): Health {
  const isSameIncident = last_failure !== null && failure.begunAt !== null && Date.parse(failure.begunAt) < Date.parse(last_failure.at);
  if (isSameIncident) return { consecutive_failures: failures, cool_down_until, last_failure };
  const consecutive_failures = failures + 1;
  const beyond = consecutive_failures - FAILURE_LIMIT;
  const seconds = Math.min(FIRST_COOL_DOWN_SECONDS * 2 ** Math.min(Math.max(beyond, 0), 16), LONGEST_COOL_DOWN_SECONDS);
  return {
    consecutive_failures,
    cool_down_until: beyond < 0 ? null : new Date(Date.parse(failure.now) + seconds * 1_000).toISOString(),
    last_failure: { code: failure.code, at: failure.now },
  };
}

/** Health after a success: whatever was before is over. */
export function noteSuccess({ last_failure }: Health): Health {
  return { consecutive_failures: 0, cool_down_until: null, last_failure };
}

export function isCoolingDown(health: Pick<Health, "cool_down_until">, now: string): boolean {
  return health.cool_down_until !== null && Date.parse(now) < Date.parse(health.cool_down_until);
}

/** Whether it is given tasks at all, room or not. */
export function acceptsTasks(agent: HealthyAgent, now: string): boolean {
  return agent.status !== "offline" && !isCoolingDown(agent, now);
}

/** How many tasks it may begin now. After a cool-down it is one, as a trial, while nothing else runs. */
export function roomOf(agent: HealthyAgent, now: string): number {
  if (!acceptsTasks(agent, now)) return 0;
  const most = agent.cool_down_until === null ? agent.max_concurrent_tasks : 1;
  return Math.max(0, most - agent.current_task_count);
}

/** As a person sees it. A retired agent is at work until its last task has ended. */
export function describeStatus(agent: HealthyAgent, now: string): "idle" | "active" | "busy" | "error" | "offline" {
  if (agent.status === "offline" && agent.current_task_count === 0) return "offline";
  if (agent.status !== "offline" && isCoolingDown(agent, now)) return "error";
  if (agent.current_task_count === 0) return "idle";
  return agent.current_task_count < agent.max_concurrent_tasks && agent.status !== "offline" ? "active" : "busy";
}
