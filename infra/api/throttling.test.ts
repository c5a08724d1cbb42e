import { expect, test } from "vitest";
import { routeTable } from "../../functions/route-table.ts";
import { findThrottle, requestsAtOnce } from "./throttling.ts";

test("routes that stream, or that may answer 202 after they waited, have a bucket of their own, and no others have", () => {
  const waiting = routeTable.filter(({ route }) => route.stream === true || route.otherStatuses?.[202] !== undefined);

  expect(routeTable.filter((served) => findThrottle(served) !== undefined)).toEqual(waiting);
  expect(waiting.length).toBeGreaterThan(1);
});

test("a bucket lets in what it holds, and what it gains while the first is answered", () => {
  expect(requestsAtOnce({ rate: 2, burst: 10, answerSeconds: 20 })).toBe(50);
  expect(requestsAtOnce({ rate: 1, burst: 0, answerSeconds: 0.5 })).toBe(1);
});
