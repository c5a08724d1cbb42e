import { expect, test } from "vitest";
import { toRetention } from "./log-retention.ts";

test("logs are kept for as many days as CloudWatch knows, and for no other number", () => {
  expect([1, 14, 90, 3_653].map(toRetention)).toEqual([1, 14, 90, 3_653]);
  expect(() => toRetention(15)).toThrow(/^logDays is 15; CloudWatch keeps logs for 1, 3, 5, 7, 14, /);
});
