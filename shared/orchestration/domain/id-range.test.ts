import fc from "fast-check";
import { expect, test } from "vitest";
import { uuidv7 } from "../../platform/ids.ts";
import { boundIds } from "./id-range.ts";

const DAY = 24 * 60 * 60 * 1_000;
const times = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2100, 0, 1) });
/** An id as it was made at a time, whatever other ids the process has made. */
const idAt = (ms: number) =>
  `${ms
    .toString(16)
    .padStart(12, "0")
    .replace(/^(.{8})/, "$1-")}${uuidv7().slice(13)}`;

test("the ids of what was created in a range lie within its bounds, also those that are a day older", () => {
  fc.assert(
    fc.property(
      times,
      times,
      fc.integer({ min: -DAY, max: 1_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (a, b, shift, share) => {
        const [after, before] = [Math.min(a, b), Math.max(a, b) + 1];
        const created = Math.floor(after + share * (before - after));
        const { lowest, highest } = boundIds(new Date(after).toISOString(), new Date(before).toISOString());
        const id = idAt(created + shift);
        expect([id >= (lowest ?? ""), id < (highest ?? "")]).toEqual([true, true]);
      },
    ),
  );
});

test("what is far away lies outside them, and times at the ends of the calendar have bounds too", () => {
  const { lowest, highest } = boundIds("2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z");
  expect(idAt(Date.UTC(2026, 0, 7)) < (lowest ?? "")).toBe(true);
  expect(idAt(Date.UTC(2026, 0, 14)) > (highest ?? "")).toBe(true);
  expect(boundIds("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")).toEqual({
    lowest: "00000000-0000-0000-0000-000000000000",
    highest: expect.stringMatching(/^e677/),
  });
  expect(boundIds(undefined, undefined)).toEqual({ lowest: null, highest: null });
});
