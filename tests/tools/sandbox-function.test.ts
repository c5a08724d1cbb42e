import { afterAll, beforeAll, expect, it } from "vitest";
import { close, handler, prepare } from "../../functions/tool-runner/sandbox.ts";

beforeAll(() => {
  process.env["SANDBOX_ENTRY"] = "dist/local/sandbox/child.js";
});
afterAll(() => {
  close();
  delete process.env["SANDBOX_ENTRY"];
});

it("the sandbox function runs the program of its event", async () => {
  expect(await handler({ code: "output(input + 1)", input: 41 })).toMatchObject({ ok: true, value: 42, logs: [] });
});

it("a program knows nothing of the function's environment", async () => {
  const code = "output(typeof process + typeof require + typeof globalThis.SANDBOX_ENTRY)";
  expect(await handler({ code })).toMatchObject({ ok: true, value: "undefinedundefinedundefined" });
});

it.each([
  null,
  {},
  { code: 1 },
  { code: "1", limits: { time_ms: 30_001 } },
  { code: "1", limits: { memory_mb: 257 } },
  { code: "1", env: {} },
])("an event that is no request is refused: %j", async (event) => {
  await expect(handler(event)).rejects.toThrow(/invalid|expected|unrecognized|too big/i);
});

it("the function that was prepared runs its program in the process that is there", async () => {
  prepare();
  expect(await handler({ code: "output(3)" })).toMatchObject({ ok: true, value: 3 });
});

it("the function starts anew after it was closed", async () => {
  await handler({ code: "output(1)" });
  close();
  expect(await handler({ code: "output(2)" })).toMatchObject({ ok: true, value: 2 });
});
