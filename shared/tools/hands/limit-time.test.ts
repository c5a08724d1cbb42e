import { describe, expect, it, vi } from "vitest";
import { limitTime } from "./limit-time.ts";

const never = () => new Promise<never>(() => undefined);
const overdue = () => new Error("overdue");
const open = () => new AbortController().signal;

describe("work within a time limit", () => {
  it("gives its result or its error", async () => {
    expect(await limitTime(10, open(), overdue, async () => 1)).toBe(1);
    await expect(limitTime(10, open(), overdue, () => Promise.reject(new Error("own")))).rejects.toThrow("own");
  });

  it("is given up when the time has passed, and told so", async () => {
    vi.useFakeTimers();
    let seen: AbortSignal | undefined;
    const result = limitTime(10, open(), overdue, (signal) => {
      seen = signal;
      return never();
    });
    vi.advanceTimersByTime(10_000);
    await expect(result).rejects.toThrow("overdue");
    expect(seen?.aborted).toBe(true);
    vi.useRealTimers();
  });

  it("is given up with the caller's reason", async () => {
    const stop = new AbortController();
    const result = limitTime(10, stop.signal, overdue, never);
    stop.abort(new Error("stopped"));
    await expect(result).rejects.toThrow("stopped");
  });

  it("does not wait for work that began after the caller had stopped", async () => {
    await expect(limitTime(10, AbortSignal.abort(new Error("stopped")), overdue, never)).rejects.toThrow("stopped");
  });

  it("leaves no timer behind", async () => {
    vi.useFakeTimers();
    await limitTime(10, open(), overdue, async () => 1);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
