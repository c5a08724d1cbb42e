import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createAgenda } from "../../../local/aws/agenda.ts";
import { createApiGateway } from "../../../local/aws/api-gateway.ts";
import { installAwslambda } from "../../../local/aws/awslambda.ts";
import { systemClock } from "../../../local/aws/clock.ts";
import { createLambdaFunctions, runFunction } from "../../../local/aws/lambda-functions.ts";
import { bundledFunction } from "./bundled-function.ts";
import { createPool } from "./environment-pool.ts";
import { startEnvironment } from "./execution-environment.ts";

installAwslambda();

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A function whose bundle is this code, with at most `limit` environments. */
function deploy(code: string, { limit = 1, requiresTenant = false, streams = false } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "cognition-bundle-"));
  closers.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(folder, "index.js"), code);
  const variables = { _HANDLER: "index.handler", LAMBDA_TASK_ROOT: folder, PATH: "/usr/bin" };
  const [node, memoryMegabytes, timeoutSeconds] = [process.execPath, 128, 30];
  const [onLine, onDeath] = [() => undefined, () => undefined];
  const pool = createPool(limit, () => startEnvironment({ node, folder, variables, memoryMegabytes, timeoutSeconds, onLine, onDeath }));
  closers.push(() => pool.close());
  return createLambdaFunctions(createAgenda(systemClock), { work: bundledFunction({ pool, timeoutSeconds, requiresTenant, streams }) });
}

describe("environments", () => {
  test("serve one invocation at a time, and whoever finds none free waits", async () => {
    const functions = deploy(`let open = 0; export const handler = async (event) => {
      open += 1;
      await new Promise(setImmediate);
      return [process.pid, open--, event.n];
    };`);

    const outcomes = await Promise.all([1, 2, 3].map((n) => runFunction(functions, "work", { n })));

    const answers = outcomes.map((outcome) => (outcome.status === "answered" ? (outcome.answer as number[]) : []));
    expect(answers.map(([, open, n]) => [open, n])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
    expect(new Set(answers.map(([pid]) => pid)).size).toBe(1);
  });

  test("of one tenant serve no other", async () => {
    const functions = deploy("let calls = 0; export const handler = async () => ++calls;", { requiresTenant: true });

    const answers: unknown[] = [];
    for (const tenantId of ["a", "a", "b", "a"]) answers.push(await runFunction(functions, "work", {}, { tenantId }));

    expect(answers).toMatchObject([{ answer: 1 }, { answer: 2 }, { answer: 1 }, { answer: 1 }]);
  });
});

test("a function that is taken away fails whoever waits for it, and starts no more", async () => {
  const functions = deploy("export const handler = () => new Promise(() => setInterval(() => undefined, 1_000));");
  const outcomes = Promise.all([1, 2, 3].map((n) => runFunction(functions, "work", { n })));

  for (const close of closers.splice(1)) await close();

  expect(await outcomes).toMatchObject([{ status: "failed" }, { status: "failed" }, { status: "failed" }]);
});

describe("a stream", () => {
  async function fetchStream(body: string): Promise<Response> {
    const code = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      const head = { statusCode: 202, headers: { "content-type": "text/event-stream" } };
      const target = awslambda.HttpResponseStream.from(stream, head);
      ${body}
    });`;
    const functions = deploy(code, { streams: true });
    const routes = [{ method: "GET", path: "/s", functionName: "work", authorized: false, stream: true }];
    const gateway = createApiGateway({ routes, functions, authorizer: "work" });
    closers.push(() => gateway.close());
    return fetch(`${(await gateway.listen(0)).url}/s`);
  }

  test("comes with its head, piece by piece", async () => {
    const response = await fetchStream('target.write("a"); await new Promise(setImmediate); target.write("b"); target.end();');

    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([202, "text/event-stream", "ab"]);
  });

  test.each(["target.end();", 'target.end("all at once");'])(
    "that is ended without a write has lost its head, as on Lambda: %s",
    async (body) => {
      expect((await fetchStream(body)).status).toBe(500);
    },
  );

  test("of nothing but an empty text has its head", async () => {
    expect((await fetchStream('target.write(""); target.end();')).status).toBe(202);
  });

  test("that fails before its first write is an error", async () => {
    expect((await fetchStream('throw new Error("lost");')).status).toBe(500);
  });

  test.each(['throw new Error("lost");', "process.exit(1);"])("that breaks off is not taken for whole: %s", async (end) => {
    const response = await fetchStream(`target.write(String(process.pid));
      await new Promise((resolve) => { const alive = setInterval(() => undefined, 1_000); process.once("SIGUSR2", () => resolve(clearInterval(alive))); });
      ${end}`);
    const reader = response.body?.getReader();
    const pid = new TextDecoder().decode((await reader?.read())?.value);

    process.kill(Number(pid), "SIGUSR2");

    await expect(reader?.read()).rejects.toThrow("terminated");
  });
});
