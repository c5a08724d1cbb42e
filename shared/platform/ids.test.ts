import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { uuidv7 } from "./ids.ts";

const timeOf = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

describe("uuidv7", () => {
  test("is a UUID of version 7 that begins with the milliseconds it was given", () => {
    const later = Date.now() + 1_000_000;
    const id = uuidv7(later);

    expect(z.uuidv7().parse(id)).toBe(id);
    expect(timeOf(id)).toBe(later);
  });

  test("sorts as it was made, whatever the clock does between two ids", () => {
    const hops = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 200 });

    fc.assert(
      fc.property(hops, (steps) => {
        let clock = Date.now();
        const ids = steps.map((step) => uuidv7((clock += step)));

        expect(ids).toEqual(ids.toSorted());
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test("sorts as it was made when more are made within a millisecond than the counter holds", () => {
    const now = Date.now() + 2_000_000;
    const ids = Array.from({ length: 10_000 }, () => uuidv7(now));

    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
