import type { FunctionEntry } from "../../functions/function-table.ts";

/** A bucket of API Gateway: `rate` requests a second, and `burst` of them at once. `answerSeconds` is how long one keeps its function. */
export type Throttle = { readonly rate: number; readonly burst: number; readonly answerSeconds: number };

/** Every route that has no bucket of its own. Answers come in tens of milliseconds; half a second is a slow minute of the database. */
export const DEFAULT_THROTTLE: Throttle = { rate: 50, burst: 100, answerSeconds: 0.5 };

/** Functions whose answers wait for something, and so are many at a time with few requests. */
export const WAITING_THROTTLES: Readonly<Partial<Record<FunctionEntry, Throttle>>> = {
  /** A call of a tool waits for its effect, at most 20 s. */
  "tool-runner/http": { rate: 2, burst: 10, answerSeconds: 20 },
  /** A reader of a run's events comes back after each segment of 55 s. */
  "planner/events": { rate: 1, burst: 20, answerSeconds: 55 },
};

/** How many requests of a bucket are under way at once, at most. */
export function requestsAtOnce({ rate, burst, answerSeconds }: Throttle): number {
  return Math.ceil(burst + rate * answerSeconds);
}
