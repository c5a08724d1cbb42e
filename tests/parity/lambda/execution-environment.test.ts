import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type ExecutionEnvironment, startEnvironment } from "./execution-environment.ts";
import type { FunctionError } from "./function-error.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** An environment of a bundle that is this code. */
async function start(code: string, timeoutSeconds = 30): Promise<{ environment: ExecutionEnvironment; lines: string[]; deaths: string[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), "cognition-bundle-"));
  closers.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(folder, "index.js"), code);
  const [lines, deaths]: [string[], string[]] = [[], []];
  const environment = await startEnvironment({
    node: process.execPath,
    folder,
    variables: { _HANDLER: "index.handler", LAMBDA_TASK_ROOT: folder, GIVEN: "yes", PATH: "/usr/bin" },
    memoryMegabytes: 128,
    timeoutSeconds,
    onLine: (line) => lines.push(line),
    onDeath: (error: FunctionError) => deaths.push(error.name),
  });
  closers.push(() => environment.kill());
  return { environment, lines, deaths };
}

async function invoke(environment: ExecutionEnvironment, event: object = {}, tenantId?: string): Promise<unknown> {
  const reply = await environment.invoke({ requestId: "request-1", functionArn: "arn:function", event: JSON.stringify(event), tenantId });
  if (reply.kind === "streaming") throw new Error("it streams");
  await environment.untilIdle();
  return JSON.parse(reply.json);
}

describe("a function in an environment of its own", () => {
  test("is given its event, its context, and no variable of whoever started it", async () => {
    const { environment, lines } = await start(`export const handler = async (event, context) => {
      console.log("called");
      const { awsRequestId, invokedFunctionArn, tenantId } = context;
      const left = context.getRemainingTimeInMillis();
      return { event, awsRequestId, invokedFunctionArn, tenantId, isInTime: left > 0 && left <= 30_000, names: Object.keys(process.env) };
    };`);

    expect(await invoke(environment, { a: 1 }, "tenant-1")).toEqual({
      event: { a: 1 },
      awsRequestId: "request-1",
      invokedFunctionArn: "arn:function",
      tenantId: "tenant-1",
      isInTime: true,
      names: expect.not.arrayContaining(["HOME", "NODE_ENV", "VITEST"]),
    });
    expect(lines).toEqual(["called"]);
  });

  test("keeps what it holds between invocations, and answers null for nothing", async () => {
    const { environment } = await start("let calls = 0; export const handler = async () => { calls += 1; if (calls > 1) return calls; };");

    expect([await invoke(environment), await invoke(environment)]).toEqual([null, 2]);
  });

  test("is stopped with all its processes while nobody calls it", async () => {
    const { environment } = await start(`import { spawn } from "node:child_process";
      export const handler = async () => [process.pid, spawn("sleep", ["60"]).pid];`);
    const pids = z.array(z.int()).parse(await invoke(environment));

    const stateOf = (pid: number) => / (?<state>\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.groups?.["state"];

    await expect.poll(() => pids.map(stateOf)).toEqual(["T", "T"]);
  });

  test("that throws tells what, and goes on", async () => {
    const { environment, deaths } = await start(`let calls = 0; export const handler = async () => {
      calls += 1;
      if (calls === 1) throw new RangeError("too far");
      return calls;
    };`);

    await expect(invoke(environment)).rejects.toMatchObject({ name: "RangeError", message: "too far" });
    await environment.untilIdle();
    expect(await invoke(environment)).toBe(2);
    expect(deaths).toEqual([]);
  });

  test.each([
    ["has no end", "export const handler = () => new Promise(() => setInterval(() => undefined, 1_000));", "Sandbox.Timedout"],
    ["has no end and lets nothing else run", "export const handler = async () => { for (;;); };", "Sandbox.Timedout"],
    ["ends its process", "export const handler = async () => process.exit(3);", "Runtime.ExitError"],
    ["lacks a module", 'import "pg"; export const handler = async () => 1;', "Error"],
    ["is not there", "export const handle = async () => 1;", "Error"],
  ])("that %s fails its invocation, and its environment is given up", async (_, code, name) => {
    const { environment, deaths } = await start(code, 1);

    await expect(invoke(environment)).rejects.toMatchObject({ name });
    await expect(environment.untilIdle()).rejects.toMatchObject({
      name: expect.stringMatching(/^(?:Sandbox.Timedout|Runtime.ExitError)$/),
    });
    expect(deaths).toHaveLength(1);
  });
});
