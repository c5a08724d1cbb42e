import fc from "fast-check";
import { expect, it } from "vitest";
import { EffectError } from "./contracts/effect.ts";
import { cutDetail } from "./cut-detail.ts";

it("leaves a reason that fits as it is", () => {
  expect(cutDetail("x".repeat(4_000))).toBe("x".repeat(4_000));
});

it("cuts any other so that it can be read again, in whole characters", () => {
  fc.assert(
    fc.property(fc.nat(3), (shift) => {
      const cut = cutDetail(`${"x".repeat(shift)}${"💥".repeat(4_000)}`);
      expect(EffectError.safeParse({ code: "x", detail: cut, retryable: false }).success).toBe(true);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut).toMatch(/💥…$/u);
    }),
  );
});
