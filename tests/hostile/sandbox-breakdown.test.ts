import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createSandbox } from "../../shared/tools/sandbox/create-sandbox.ts";
import { forkChild, type SupervisedChild, superviseChild } from "../../shared/tools/sandbox/supervise-child.ts";
import type { GuestRequest } from "../../shared/tools/sandbox/wire.ts";

const ENTRY = "dist/local/sandbox/child.js";
const asRequest = (code: string, timeMs = 10_000): GuestRequest => ({
  language: "javascript",
  code,
  input: "null",
  files: "{}",
  timeMs,
  memoryMb: 128,
});
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

let supervised: SupervisedChild | undefined;
afterEach(() => supervised?.close());

describe("a child that dies", () => {
  const started: ChildProcess[] = [];
  const start = () => {
    const child = forkChild(ENTRY);
    started.push(child);
    return child;
  };

  it("in the middle of a program is a result, and the next program runs in a new one", async () => {
    const reasons: string[] = [];
    supervised = superviseChild({ start, onBreakdown: (reason) => reasons.push(reason) });
    const cut = supervised.ask(asRequest("for (;;) {}"), undefined);
    started.at(-1)?.kill("SIGKILL");
    expect(await cut).toMatchObject({ ok: false, code: "crashed" });
    expect(await supervised.ask(asRequest("output(2)"), undefined)).toMatchObject({ ok: true, value: "2" });
    expect(started).toHaveLength(2);
    expect(reasons).toHaveLength(1);
  });

  it("between two programs is not noticed", async () => {
    supervised = superviseChild({ start, onBreakdown: () => undefined });
    await supervised.ask(asRequest("output(1)"), undefined);
    const child = started.at(-1);
    child?.kill("SIGKILL");
    if (child !== undefined) await once(child, "exit");
    expect(await supervised.ask(asRequest("output(2)"), undefined)).toMatchObject({ ok: true, value: "2" });
  });

  it("is killed when its caller gives up, and the caller hears his own reason", async () => {
    supervised = superviseChild({ start, onBreakdown: () => undefined });
    const stop = new AbortController();
    const cut = supervised.ask(asRequest("for (;;) {}"), stop.signal);
    stop.abort(new Error("nobody waits any more"));
    await expect(cut).rejects.toThrow("nobody waits any more");
    const child = started.at(-1);
    await vi.waitFor(() => expect(child?.signalCode).toBe("SIGKILL"));
  });
});

describe("a child that a program broke out into", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cognition-turned-child-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function ask(source: string): Promise<{ result: unknown; reasons: string[] }> {
    const entry = join(folder, "child.mjs");
    await writeFile(entry, source);
    const reasons: string[] = [];
    supervised = superviseChild({ start: () => forkChild(entry), onBreakdown: (reason) => reasons.push(reason), answerMarginMs: 300 });
    return { result: await supervised.ask(asRequest("output(1)", 200), undefined), reasons };
  }

  const lies = [
    "{ ok: true, value: 'x'.repeat(200_000), logs: [], duration_ms: 1 }",
    "{ ok: true, value: '1', logs: Array(100_000).fill(''), duration_ms: 1 }",
    "{ ok: true, value: '1', logs: [], duration_ms: 1, extra: 1 }",
    "{ ok: true, value: {}, logs: [], duration_ms: 1 }",
    "{ ok: false, code: 'made-up', detail: '', logs: [] }",
    "'hello'",
    "null",
  ];
  it.each(lies)("is not believed when it answers %s", async (answer) => {
    const { result } = await ask(`process.on("message", () => process.send(${answer}))`);
    expect(result).toMatchObject({ ok: false, code: "crashed" });
  });

  it("finds no environment, no arguments and no input", async () => {
    const report =
      "JSON.stringify([Object.keys(process.env).filter((name) => name !== 'NODE_CHANNEL_FD'), process.argv.length, process.execArgv])";
    const { result } = await ask(`process.on("message", () => process.send({ ok: true, value: ${report}, logs: [], duration_ms: 1 }))`);
    expect(result).toMatchObject({ ok: true, value: "[[],2,[]]" });
  });

  it("is killed when it never answers", async () => {
    const { result } = await ask(`process.on("message", () => { for (;;); })`);
    expect(result).toMatchObject({ ok: false, code: "timeout" });
  });

  it("cannot end its parent, whatever it does with the channel", async () => {
    expect((await ask(`process.disconnect()`)).result).toMatchObject({ ok: false, code: "crashed" });
    expect((await ask(`process.on("message", () => process.exit(0))`)).result).toMatchObject({ ok: false, code: "crashed" });
  });

  it("leaves its last words for the log, not for the person", async () => {
    const { result, reasons } = await ask(`throw new Error("internal path /x/y")`);
    expect(JSON.stringify(result)).not.toContain("internal path");
    expect(reasons.join()).toContain("internal path");
  });

  it("that cannot be started at all is a result", async () => {
    supervised = superviseChild({
      start: () => spawn("/nowhere/node", { stdio: ["ignore", "ignore", "pipe", "ipc"] }),
      onBreakdown: () => undefined,
    });
    expect(await supervised.ask(asRequest("output(1)", 200), undefined)).toMatchObject({ ok: false, code: "crashed" });
  });
});

describe("the sandbox", () => {
  it("skips a program that was given up while it waited for its turn", async () => {
    const sandbox = createSandbox({ entry: ENTRY });
    const stop = new AbortController();
    const first = sandbox.run({ code: "output(1)" });
    const second = sandbox.run({ code: "output(2)" }, stop.signal);
    stop.abort(new Error("given up"));
    await expect(second).rejects.toThrow("given up");
    expect(await first).toMatchObject({ ok: true, value: 1 });
    sandbox.close();
  });

  it.each([
    ["while it still starts", "", "spawn"],
    ["with a program at full speed", "for (;;) {}", "message"],
  ])("dies with the process that started it, %s", async (_, code, event) => {
    const first = JSON.stringify({ ...asRequest("output(1)"), timeMs: 30_000 });
    const second = JSON.stringify({ ...asRequest(code), timeMs: 30_000 });
    const script = `
      const child = require("node:child_process").fork(${JSON.stringify(ENTRY)}, [], { env: {}, execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc"] });
      child.send(${first});
      child.once(${JSON.stringify(event)}, () => child.send(${second}, () => process.send(child.pid)));`;
    const folder = await mkdtemp(join(tmpdir(), "cognition-parent-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "parent.cjs"), script);
    const parent = fork(join(folder, "parent.cjs"), [], { execArgv: [], cwd: process.cwd() });
    const [pid] = await once(parent, "message");
    expect(isAlive(Number(pid))).toBe(true);
    parent.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false), { timeout: 10_000 });
  });
});
