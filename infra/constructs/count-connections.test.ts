import { expect, it } from "vitest";
import { countConnections } from "./count-connections.ts";

it.each([
  [{ min: 1, max: 4 }, 823],
  [{ min: 1, max: 16 }, 3_360],
  [{ min: 2, max: 256 }, 5_000],
  // Between two lines of AWS's table: the lower one.
  [{ min: 1, max: 12 }, 1_669],
  [{ min: 1, max: 1.5 }, 189],
])("of a cluster of %o are %i", (acu, connections) => {
  expect(countConnections(acu)).toBe(connections);
});

it("are at most 2,000 where the cluster shrinks to half a unit or sleeps, however large it may grow", () => {
  expect(countConnections({ min: 0, max: 64 })).toBe(2_000);
  expect(countConnections({ min: 0.5, max: 16 })).toBe(2_000);
  expect(countConnections({ min: 0, max: 8 })).toBe(1_669);
});
