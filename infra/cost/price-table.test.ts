import fc from "fast-check";
import { expect, test } from "vitest";
import { formatUsd, parseUsd } from "../../shared/platform/money.ts";
import { loadPrices, priceOf } from "./price-table.ts";
import { formatQuantity, thousandths } from "./quantity.ts";

test("every price has a source, a date, a unit, and a price above nothing", () => {
  const { region, prices } = loadPrices();

  expect(region).toBe("us-east-1");
  expect(Object.entries(prices).filter(([, { usd, source }]) => usd === 0n || source === "")).toEqual([]);
});

test("prices below a nano-dollar are exact for as many as they are told for", () => {
  const gigabyteSecond = { usd: parseUsd("13.3334"), per: 1_000_000 };

  expect(formatUsd(priceOf(gigabyteSecond, thousandths(25_000)))).toBe("0.333335");
  // 13,333.4 nano-dollars: what is left of one is paid.
  expect(priceOf(gigabyteSecond, thousandths(1))).toBe(13_334n);
});

test("a price is never less than the exact product, and less than a nano-dollar more", () => {
  const parts = fc.tuple(fc.bigInt(0n, 10n ** 12n), fc.integer({ min: 1, max: 10 ** 7 }), fc.bigInt(0n, 10n ** 12n));
  fc.assert(
    fc.property(parts, ([usd, per, quantity]) => {
      const exact = usd * quantity;
      const charged = priceOf({ usd, per }, quantity) * BigInt(per) * 1_000n;
      return charged >= exact && charged - exact < BigInt(per) * 1_000n;
    }),
  );
});

test("quantities have three decimals and no more", () => {
  expect([0.5, 365, 0.084, 73, 1_261_440.256].map(thousandths)).toEqual([500n, 365_000n, 84n, 73_000n, 1_261_440_256n]);
  for (const wrong of [0.0005, -1, Number.NaN, 1.23456]) expect(() => thousandths(wrong)).toThrow(RangeError);
  expect([500n, 365_000n, 1_234_567_890n].map(formatQuantity)).toEqual(["0.5", "365", "1,234,567.89"]);
});
