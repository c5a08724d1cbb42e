import type { ServedRoute } from "../../functions/route-table.ts";

/** A bucket of API Gateway: `rate` requests a second, and `burst` of them at once. `answerSeconds` is how long one keeps its function. */
export type Throttle = { readonly rate: number; readonly burst: number; readonly answerSeconds: number };

/**
 * Of each method that has no settings of its own: API Gateway applies the limits of a stage "at the API method level" (developer guide,
 * "How throttling limit settings are applied"). Answers take tens of milliseconds; half a second is a slow minute.
 */
const WIDE: Throttle = { rate: 50, burst: 100, answerSeconds: 0.5 };

/** The same where nothing else bounds how many functions run at once: all methods together must leave the database room. */
const NARROW: Throttle = { rate: 4, burst: 2, answerSeconds: 0.5 };

export function chooseThrottle({ reservedConcurrency }: { readonly reservedConcurrency: boolean }): Throttle {
  return reservedConcurrency ? WIDE : NARROW;
}

/** A call of a tool waits for its effect, at most 20 s. */
const CALL: Throttle = { rate: 1, burst: 5, answerSeconds: 20 };

/** A reader of a run's events comes back after each segment of 55 s. */
const READER: Throttle = { rate: 1, burst: 20, answerSeconds: 55 };

/** The bucket of a route whose answers wait, and so are many at once with few requests; undefined for any other. */
export function findThrottle({ route, entry }: ServedRoute): Throttle | undefined {
  if (route.stream === true) return READER;
  return entry === "tool-runner/http" && route.method === "POST" ? CALL : undefined;
}

/** How many requests of a bucket are under way at once, at most. */
export function requestsAtOnce({ rate, burst, answerSeconds }: Throttle): number {
  return Math.ceil(burst + rate * answerSeconds);
}
