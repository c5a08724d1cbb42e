import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { cutPage, decodeCursor, encodeCursor } from "./cursor.ts";

const Key = z.strictObject({ id: z.string(), at: z.int() });

describe("a cursor", () => {
  test("comes back as what it was made of, safe for a URL", () => {
    fc.assert(
      fc.property(fc.record({ id: fc.string(), at: fc.maxSafeInteger() }), (key) => {
        const cursor = encodeCursor(key);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(decodeCursor(Key, cursor)).toEqual(key);
      }),
    );
  });

  test("is refused when it was forged, cut or made for another list", () => {
    const whole = encodeCursor({ id: "a", at: 1 });

    for (const cursor of ["%%%", "e30", whole.slice(0, -4), encodeCursor(["a", 1]), encodeCursor({ id: "a", at: 1, role: "admin" })]) {
      expect(() => decodeCursor(Key, cursor)).toThrow("invalid-request");
    }
  });

  test("of the first page is absent", () => {
    expect(decodeCursor(Key, undefined)).toBeUndefined();
  });
});

describe("cutPage", () => {
  test("walks through every row exactly once, whatever the page's size", () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 7 }), (count, limit) => {
        const rows = Array.from({ length: count }, (_, id) => ({ id }));
        const seen: number[] = [];
        let cursor: string | undefined;
        do {
          const after = decodeCursor(z.int(), cursor) ?? -1;
          const page = cutPage(rows.filter(({ id }) => id > after).slice(0, limit + 1), limit, ({ id }) => id);
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.next_cursor ?? undefined;
        } while (cursor !== undefined);
        expect(seen).toEqual(rows.map(({ id }) => id));
      }),
    );
  });
});
