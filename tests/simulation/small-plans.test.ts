import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenPlace, openEmbeddedPlace } from "./open-place.ts";
import { simulate } from "./simulate.ts";
import { simulateMany } from "./simulate-many.ts";
import { describeFailure } from "./tally.ts";

let place: OpenPlace;
beforeAll(async () => {
  place = await openEmbeddedPlace(3);
}, 120_000);
afterAll(() => place.close());

test("150 runs of plans of two or three tasks keep every invariant, whatever is lost, doubled, delayed and killed", {
  timeout: 600_000,
}, async () => {
  const tally = await simulateMany({ first: 1, runs: 150 }, place);

  expect(tally.failed.map((failed) => describeFailure(failed, " --tasks 3"))).toEqual([]);
  expect(tally.runs).toBeGreaterThanOrEqual(150);
  // A check that never ran would hold too.
  expect(Object.entries(tally.checks).filter(([, count]) => count === 0)).toEqual([]);
  expect(Object.keys(tally.checks)).toEqual(
    expect.arrayContaining(["1 order", "2 once", "3 end", "4 contact", "5 budget", "6 epoch", "11 replay"]),
  );
});

test("a seed lives the same life twice, so a failure can be seen again", { timeout: 60_000 }, async () => {
  const withoutTokens = (lines: readonly string[]) =>
    lines.map((line) => line.replaceAll(/"(lease_token|token|id|time)":"[^"]*"?/g, "").slice(0, 100));
  const again = await openEmbeddedPlace(3);
  try {
    const [first, second] = [await simulate(9_001, place), await simulate(9_001, again)];

    expect(first.trace.length).toBeGreaterThan(50);
    expect(withoutTokens(second.trace)).toEqual(withoutTokens(first.trace));
  } finally {
    await again.close();
  }
});
