import { expect, it } from "vitest";
import {
  isStatePayloadTooLarge,
  LIMITS,
  refuseBatch,
  refuseDelay,
  refuseEventPayload,
  refuseInvokePayload,
  refuseMessageBytes,
  refuseMissingTenant,
  refuseReceiveSize,
  refuseVisibility,
  refuseWait,
} from "./limits.ts";

it.each([
  ["a delay", refuseDelay, 900],
  ["a visibility timeout", refuseVisibility, 43_200],
  ["a wait", refuseWait, 20],
])("takes %s up to AWS's limit and refuses one second more, negatives and fractions", (_, refuse, limit) => {
  expect(() => refuse(0)).not.toThrow();
  expect(() => refuse(limit)).not.toThrow();
  for (const wrong of [limit + 1, -1, 0.5, Number.NaN]) expect(() => refuse(wrong)).toThrow(`between 0 and ${limit}`);
});

it("lets a receive ask for one to ten messages", () => {
  expect(() => refuseReceiveSize(10)).not.toThrow();
  expect(() => refuseReceiveSize(0)).toThrow("between 1 and 10");
  expect(() => refuseReceiveSize(11)).toThrow("between 1 and 10");
});

it("takes messages and batches of 1 MiB in sum and refuses one byte more", () => {
  expect(() => refuseMessageBytes(1_048_576)).not.toThrow();
  expect(() => refuseMessageBytes(1_048_577)).toThrow("shorter than 1048576 bytes");
  expect(() => refuseBatch(10, 1_048_576)).not.toThrow();
  expect(() => refuseBatch(10, 1_048_577)).toThrow("cannot be longer");
  expect(() => refuseBatch(11, 0)).toThrow("Maximum number of entries");
  expect(() => refuseBatch(0, 0)).toThrow("doesn't contain any entries");
});

it("takes invoke payloads of 6 MiB, of 1 MiB where nobody waits, and refuses one byte more", () => {
  expect(() => refuseInvokePayload(6 * 1_048_576)).not.toThrow();
  expect(() => refuseInvokePayload(6 * 1_048_576 + 1)).toThrow("too large");
  expect(() => refuseEventPayload(1_048_576)).not.toThrow();
  expect(() => refuseEventPayload(1_048_577)).toThrow("too large");
});

it("asks for a tenant id exactly where a function is tenant isolated", () => {
  expect(() => refuseMissingTenant("sandbox", true, "tenant")).not.toThrow();
  expect(() => refuseMissingTenant("ledger", false, undefined)).not.toThrow();
  expect(() => refuseMissingTenant("sandbox", true, undefined)).toThrow("needs a tenant id");
  expect(() => refuseMissingTenant("ledger", false, "tenant")).toThrow("not tenant isolated");
});

it("measures state payloads in bytes, not in characters", () => {
  const limit = LIMITS.stepFunctionsPayloadBytes;

  expect(isStatePayloadTooLarge("x".repeat(limit))).toBe(false);
  expect(isStatePayloadTooLarge("x".repeat(limit + 1))).toBe(true);
  expect(isStatePayloadTooLarge("ü".repeat(limit / 2))).toBe(false);
  expect(isStatePayloadTooLarge("ü".repeat(limit / 2 + 1))).toBe(true);
});
