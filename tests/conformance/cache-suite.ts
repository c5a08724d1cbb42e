import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cache } from "../../shared/platform/cache/cache.ts";

export type TestedCache = {
  cache: Cache;
  /** Lets time pass for everything that is kept. */
  pass: (seconds: number) => Promise<void>;
};

/** What every cache promises, whatever keeps it. */
export function describeCache(name: string, open: () => Promise<TestedCache>): void {
  describe(`a cache in ${name}`, () => {
    let tested: TestedCache;
    let cache: Cache;
    let made = 0;
    /** A key that nobody used before. */
    const newKey = () => `test:{${process.pid}-${Date.now()}}:${(made += 1)}`;

    beforeAll(async () => {
      tested = await open();
      cache = tested.cache;
    });
    afterAll(() => cache.close());

    test("knows nothing that was not set", async () => {
      expect(await cache.get(newKey())).toBeUndefined();
    });

    test.each(["text", "", "0", "ü\n\u0000€😀", "x".repeat(100_000)])("gives back what was set: %j", async (value) => {
      const key = newKey();
      await cache.set(key, value, { ttlSeconds: 60 });

      expect(await cache.get(key)).toBe(value);
    });

    test("keeps the last of two values", async () => {
      const key = newKey();
      await cache.set(key, "first", { ttlSeconds: 60 });
      await cache.set(key, "second", { ttlSeconds: 60 });

      expect(await cache.get(key)).toBe("second");
    });

    test("forgets a value when its time is over, and not before", async () => {
      const key = newKey();
      await cache.set(key, "value", { ttlSeconds: 60 });
      await tested.pass(50);
      const before = await cache.get(key);
      await tested.pass(11);

      expect([before, await cache.get(key)]).toEqual(["value", undefined]);
    });

    test("counts the time of a value from its last setting", async () => {
      const key = newKey();
      await cache.set(key, "first", { ttlSeconds: 60 });
      await tested.pass(50);
      await cache.set(key, "second", { ttlSeconds: 60 });
      await tested.pass(50);

      expect(await cache.get(key)).toBe("second");
    });

    test("raises a number, never lowers it, and answers what it is", async () => {
      const steps = fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { minLength: 1, maxLength: 8 });

      await fc.assert(
        fc.asyncProperty(steps, async (values) => {
          const key = newKey();
          const answers: number[] = [];
          for (const value of values) answers.push(await cache.raise(key, value, { ttlSeconds: 60 }));

          expect(answers).toEqual(values.map((_, index) => Math.max(...values.slice(0, index + 1))));
          expect(await cache.get(key)).toBe(String(Math.max(...values)));
        }),
        { numRuns: 30 },
      );
    });

    test("raises to the highest of many that come at once", async () => {
      const key = newKey();
      await Promise.all(Array.from({ length: 50 }, (_, index) => cache.raise(key, (index * 37) % 50, { ttlSeconds: 60 })));

      expect(await cache.raise(key, 0, { ttlSeconds: 60 })).toBe(49);
    });

    test("keeps a raised number for another while, also when it was higher already", async () => {
      const key = newKey();
      await cache.raise(key, 5, { ttlSeconds: 60 });
      await tested.pass(50);
      await cache.raise(key, 4, { ttlSeconds: 60 });
      await tested.pass(50);

      expect(await cache.get(key)).toBe("5");
    });

    test("begins anew with a number whose time is over", async () => {
      const key = newKey();
      await cache.raise(key, 5, { ttlSeconds: 60 });
      await tested.pass(61);

      expect(await cache.raise(key, 2, { ttlSeconds: 60 })).toBe(2);
    });
  });
}
