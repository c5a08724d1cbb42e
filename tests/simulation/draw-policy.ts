import type { TaskPolicy } from "../../shared/agents/contracts/task-policy.ts";
import type { Random } from "./random.ts";

/** What every result of the script holds, and one that a hand has spoiled does not. */
export const ACCEPTED = "is done";

/** How a task is tried, checked and given up: half of all tasks leave it to the product. */
export function drawPolicy(random: Random): TaskPolicy | undefined {
  if (random.chance(0.5)) return undefined;
  return {
    ...(random.chance(0.6) ? { retry: drawRetry(random) } : {}),
    ...(random.chance(0.3) ? { timeout_seconds: random.pick([20, 90, 200, 1_000]) } : {}),
    ...(random.chance(0.5) ? { fallback: drawFallback(random) } : {}),
    ...(random.chance(0.4) ? { acceptance: [drawCheck(random)] } : {}),
    ...(random.chance(0.15) ? { requires_approval: true } : {}),
  };
}

function drawRetry(random: Random): NonNullable<TaskPolicy["retry"]> {
  return {
    max_attempts: random.integer(1, 4),
    backoff_seconds: random.pick([0, 5, 60, 400]),
    backoff_rate: random.pick([1, 2]),
    jitter: random.pick([0, 0.5]),
    ...(random.chance(0.3) ? { retryable_codes: ["unsupported_offline", "provider-rejected"] } : {}),
    ...(random.chance(0.2) ? { terminal_codes: ["acceptance-failed"] } : {}),
  };
}

function drawFallback(random: Random): NonNullable<TaskPolicy["fallback"]> {
  return random.pick<NonNullable<TaskPolicy["fallback"]>>([
    { kind: "agent" },
    { kind: "model", model: "local:other" },
    { kind: "task", description: "Something else" },
    { kind: "skip" },
    { kind: "skip" },
    { kind: "fail" },
  ]);
}

function drawCheck(random: Random): NonNullable<TaskPolicy["acceptance"]>[number] {
  return random.pick<NonNullable<TaskPolicy["acceptance"]>[number]>([
    { kind: "comparison", operator: "contains", value: ACCEPTED },
    { kind: "regex", pattern: `${ACCEPTED}$` },
    { kind: "json_schema", schema: { type: "string", minLength: 8 } },
    { kind: "comparison", operator: "equals", value: "never", advisory: true },
  ]);
}
