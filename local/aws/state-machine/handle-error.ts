import type { Catcher, Retrier } from "./definition.ts";
import type { StateError } from "./state-error.ts";

const UNCATCHABLE = ["States.Runtime", "States.DataLimitExceeded"];

/** Both count as a timeout; the second is the finer name. */
const TIMEOUTS = ["States.Timeout", "States.HeartbeatTimeout"];

/**
 * The seconds to wait before the state is tried again, or undefined when it is not.
 * @param retries of this state so far, one count for each retrier; raised for the one that applies
 */
export function nextRetry(retriers: readonly Retrier[], error: StateError, retries: number[]): number | undefined {
  const index = retriers.findIndex((retrier) => matches(retrier.ErrorEquals, error.code));
  const retrier = retriers[index];
  const done = retries[index] ?? 0;
  if (retrier === undefined || done >= retrier.MaxAttempts) return undefined;
  retries[index] = done + 1;
  return Math.min(retrier.IntervalSeconds * retrier.BackoffRate ** done, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
}

export function findCatcher(catchers: readonly Catcher[], error: StateError): Catcher | undefined {
  return catchers.find((catcher) => matches(catcher.ErrorEquals, error.code));
}

function matches(names: readonly string[], code: string): boolean {
  if (names.includes(code)) return true;
  if (UNCATCHABLE.includes(code)) return false;
  if (names.includes("States.ALL")) return true;
  if (TIMEOUTS.includes(code)) return names.includes("States.Timeout");
  return names.includes("States.TaskFailed");
}
