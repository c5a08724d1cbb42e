import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatUsd, parseUsd } from "./money.ts";

const nano = fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n });

describe("money", () => {
  test("comes back exactly from the text it was written as", () => {
    fc.assert(
      fc.property(nano, (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  test("is written in the fewest characters that say it exactly", () => {
    fc.assert(
      fc.property(nano, (amount) => {
        expect(formatUsd(amount)).toMatch(/^(?:0|[1-9]\d*)(?:\.\d{0,8}[1-9])?$/);
      }),
    );
  });

  test.each([
    ["5", 5_000_000_000n],
    ["0.25", 250_000_000n],
    ["1.000000001", 1_000_000_001n],
    [" 007.10 ", 7_100_000_000n],
    ["0", 0n],
  ])("reads %j", (text, amount) => {
    expect(parseUsd(text)).toBe(amount);
  });

  test.each(["", "-1", "+1", "1e3", "1,5", ".5", "5.", "0.0000000001", "1234567890", "NaN", "0x10", "1 2", "٣"])("refuses %j", (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  });

  test("writes a debt with its sign", () => {
    expect(formatUsd(-1_500_000_000n)).toBe("-1.5");
  });
});
