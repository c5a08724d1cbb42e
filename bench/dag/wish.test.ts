import { expect, test } from "vitest";
import { readWish } from "./wish.ts";

const KNOWN = ["chain", "fan1000"];

test("a bench measures all it can, five times, on the disk as it is, unless it is told otherwise", () => {
  expect(readWish([], KNOWN)).toEqual({ names: KNOWN, repetitions: 5, commitMs: 0 });
  expect(readWish(["--only", "chain", "--repetitions", "1", "--commit-ms", "0.5"], KNOWN)).toEqual({
    names: ["chain"],
    repetitions: 1,
    commitMs: 0.5,
  });
});

test.each([
  ["--only=other"],
  ["--repetitions=0"],
  ["--repetitions=1.5"],
  ["--repetitions=x"],
  ["--commit-ms=-1"],
  ["--commit-ms=101"],
  ["--commit-ms=x"],
  ["--other"],
  ["chain"],
])("a bench cannot do %s", (argument) => {
  expect(readWish([argument], KNOWN)).toBeUndefined();
});
