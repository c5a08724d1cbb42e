import { describe, expect, it, vi } from "vitest";
import type { JsonValue } from "../../platform/json.ts";
import { type Invoke, invokeSandbox } from "./invoke-sandbox.ts";

const open = () => new AbortController().signal;
const caller = (invoke: Invoke) => ({ invoke, functionName: "sandbox", workspaceId: "workspace-1" });

describe("the sandbox function", () => {
  it("is invoked as the tenant that the workspace is", async () => {
    const calls: unknown[] = [];
    const invoke: Invoke = async (...call) => {
      calls.push(call);
      return { ok: true, value: 1, logs: [], duration_ms: 2 };
    };
    const request = { code: "output(1)", limits: { time_ms: 5 } };
    expect(await invokeSandbox(caller(invoke), request, open())).toEqual({ ok: true, value: 1, logs: [], duration_ms: 2 });
    expect(calls).toEqual([["sandbox", request, { tenantId: "workspace-1" }]]);
  });

  it.each<JsonValue>([null, {}, "x", { ok: true }, { ok: false, code: "made-up", detail: "", logs: [] }])(
    "is not believed: %j",
    async (answer) => {
      await expect(
        invokeSandbox(
          caller(async () => answer),
          { code: "" },
          open(),
        ),
      ).rejects.toThrow(/invalid|expected/i);
    },
  );

  it("that does not answer in time fails as a fault of ours", async () => {
    vi.useFakeTimers();
    const answer = invokeSandbox(
      caller(() => new Promise(() => undefined)),
      { code: "", limits: { time_ms: 10_000 } },
      open(),
    );
    vi.advanceTimersByTime(70_000);
    await expect(answer).rejects.toThrow("did not answer within 70 s");
    vi.useRealTimers();
  });
});
