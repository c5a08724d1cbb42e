import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenPlace, openEmbeddedPlace } from "./open-place.ts";
import { simulateMany } from "./simulate-many.ts";
import { describeFailure } from "./tally.ts";

let place: OpenPlace;
beforeAll(async () => {
  place = await openEmbeddedPlace(4);
}, 120_000);
afterAll(() => place.close());

test("150 runs of plans of up to four tasks keep every invariant, whatever is lost, doubled, delayed and killed", {
  timeout: 600_000,
}, async () => {
  const tally = await simulateMany({ first: 100_001, runs: 150 }, place);

  expect(tally.failed.map((failed) => describeFailure(failed, " --tasks 4"))).toEqual([]);
  expect(tally.faults).toMatchObject({
    "message lost": expect.any(Number),
    "message doubled": expect.any(Number),
    "conductor killed": expect.any(Number),
    "hand killed": expect.any(Number),
    "process and queues lost": expect.any(Number),
  });
});
