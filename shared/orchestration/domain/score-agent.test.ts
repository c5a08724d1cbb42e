import { describe, expect, test } from "vitest";
import { scoreReviews, shareOf } from "./score-agent.ts";

const none = { reviews: 0, rightly_rejected: 0, wrongly_rejected: 0, wrongly_approved: 0, rightly_approved: 0 };

describe("a critic", () => {
  test("is measured by the checks: 3 of 4 rejections were right, and 3 of 5 failures were found", () => {
    const counts = { reviews: 12, rightly_rejected: 3, wrongly_rejected: 1, wrongly_approved: 2, rightly_approved: 4 };

    expect(scoreReviews(counts)).toEqual({ measured: 10, precision: 0.75, recall: 0.6 });
  });

  test("that never rejected has no precision, and finds nothing of what failed", () => {
    expect(scoreReviews({ ...none, reviews: 2, wrongly_approved: 2 })).toEqual({ measured: 2, precision: "unknown", recall: 0 });
  });

  test("that saw nothing fail has no recall", () => {
    expect(scoreReviews({ ...none, reviews: 1, wrongly_rejected: 1 })).toEqual({ measured: 1, precision: 0, recall: "unknown" });
  });

  test("whose reviews had no checks is not measured at all", () => {
    expect(scoreReviews({ ...none, reviews: 7 })).toEqual({ measured: 0, precision: "unknown", recall: "unknown" });
  });
});

test("the share of nothing is unknown", () => {
  expect([shareOf(0, 0), shareOf(0, 3), shareOf(3, 3)]).toEqual(["unknown", 0, 1]);
});
