import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { ToolExecution } from "../../shared/tools/contracts/executions.ts";
import { type Api, openApi, type Reply } from "./api.ts";
import { expectProblem } from "./problem.ts";
import { followUntil, getRun, postGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
let ended: string;

beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "caller");
  const files = [{ path: "data/birds.csv", content: "bird,count\nwren,3\ncoot,4\n" }];
  ended = (await postGoal(person, "1. Compute 19 * 23", { files })).runId;
  await followUntil(person, ended);
}, 60_000);
afterAll(() => server.close());

const NOWHERE = "0198c0de-0000-7000-8000-000000000001";
const send = (tool: string, body: object, headers: Record<string, string> = {}): Promise<Reply> =>
  person.call("POST", `/v1/tools/${tool}`, { body, headers });

/** A call that is carried out, whatever comes of it. */
async function execute(tool: string, body: object): Promise<ToolExecution> {
  const reply = await send(tool, body);
  expect({ status: reply.status, text: reply.text }).toMatchObject({ status: 200 });
  return ToolExecution.parse(reply.body);
}

const run = (code: string, more: object = {}) => execute("execute_javascript", { code, ...more });
const failureOf = async (execution: Promise<ToolExecution>) => {
  const { status, output, error } = await execution;
  expect({ status, output }).toEqual({ status: "failed", output: null });
  return error;
};

describe("a program", () => {
  test("is answered with its value and what it printed", async () => {
    const execution = await run("console.log('hello'); output(input.numbers.map((n) => n * 2))", { input: { numbers: [1, 2, 3] } });

    expect(execution).toEqual({
      id: execution.id,
      run_id: execution.id,
      tool: "execute_javascript",
      status: "completed",
      output: { value: [2, 4, 6], logs: ["hello"], duration_ms: expect.any(Number) },
      error: null,
    });
  });

  test("is given the files that it names of the run that it names", async () => {
    const { output } = await run(`output(files["data/birds.csv"].trim().split("\\n").length)`, {
      files: ["data/birds.csv"],
      run_id: ended,
    });

    expect(output).toMatchObject({ value: 3 });
  });

  test("sees nothing of this machine", async () => {
    const { output } = await run("output([typeof process, typeof require, typeof fetch, typeof Deno, typeof setTimeout])");

    expect(output).toMatchObject({ value: Array.from({ length: 5 }, () => "undefined") });
  });

  test.for<[string, string, string]>([
    ["throws", "null.x", "exception"],
    ["says nothing", "1 + 1", "no_output"],
    ["takes more memory than it may", "const all = []; for (;;) all.push(new Array(100_000).fill(all.length))", "memory"],
    ["says more than is kept", `output("x".repeat(200_000))`, "too_large"],
    ["never ends", "for (;;);", "timeout"],
  ])("that %s has failed, and says how", { timeout: 40_000 }, async ([, code, expected]) => {
    expect(await failureOf(run(code))).toMatchObject({ code: expected });
  });

  test("that names a file which is not there has failed", async () => {
    expect(await failureOf(run("output(files)", { files: ["none.csv"] }))).toMatchObject({ code: "not-found" });
  });
});

describe("a file", () => {
  test("is written into the workspace of the call, and read from there by its run's id", async () => {
    const content = "é\u2028 and a line\n";
    const written = await execute("write_file", { path: "notes/a.txt", content });
    const sha256 = createHash("sha256").update(content).digest("hex");

    expect(written.output).toEqual({ path: "notes/a.txt", bytes: Buffer.byteLength(content), sha256 });
    expect((await execute("read_file", { path: "notes/a.txt", run_id: written.run_id })).output).toEqual({
      path: "notes/a.txt",
      bytes: Buffer.byteLength(content),
      sha256,
      content,
      truncated: false,
    });
    expect((await person.call("GET", `/v1/runs/${written.run_id}/files/notes/a.txt`)).text).toBe(content);
  });

  test("of one call's workspace is not in that of another", async () => {
    await execute("write_file", { path: "a.txt", content: "a" });

    expect(await failureOf(execute("read_file", { path: "a.txt" }))).toEqual({
      code: "not-found",
      detail: 'The file "a.txt" does not exist',
    });
  });

  test("of a run that has ended can be read, and no longer be written", async () => {
    expect(await execute("read_file", { path: "data/birds.csv", run_id: ended })).toMatchObject({
      run_id: ended,
      status: "completed",
      output: { bytes: 25 },
    });
    const before = await readFacts(person, ended);

    expectProblem(await send("write_file", { path: "data/birds.csv", content: "", run_id: ended }), 409, "conflict");

    expect((await person.call("GET", `/v1/runs/${ended}/files/data/birds.csv`)).text).toContain("wren");
    expect(await readFacts(person, ended)).toEqual(before);
  });

  test("of a run that goes on can be written", async () => {
    // Many steps: it is paused long before the last, and after it began.
    const { runId } = await postGoal(person, Array.from({ length: 40 }, (_, step) => `${step + 1}. Compute ${step} * 23`).join(" "));
    await followUntil(person, runId, "task-started");
    expect((await person.call("POST", `/v1/runs/${runId}/pause`)).status).toBe(200);

    await execute("write_file", { path: "late.txt", content: "in time", run_id: runId });

    expect((await person.call("GET", `/v1/runs/${runId}/files/late.txt`)).text).toBe("in time");
  });

  test.for(["..", "../../a", "a/../../b", "/etc/passwd", "a//b", "a\\b", "./a", "%2e%2e/a", "__proto__", "a\u0000b", "", "a".repeat(256)])(
    "is not looked for at %j",
    async (path) => {
      for (const [tool, body] of [
        ["read_file", { path, run_id: ended }],
        ["write_file", { path, content: "x" }],
        ["execute_javascript", { code: "output(1)", files: [path] }],
      ] as const) {
        expectProblem(await send(tool, body), 400, "invalid-request");
      }
    },
  );

  test("may be as long as a call may be, and ten such calls at once find their way to the worker", async () => {
    const content = "x".repeat(500_000);
    const written = await Promise.all(Array.from({ length: 10 }, (_, n) => execute("write_file", { path: `${n}.txt`, content })));

    expect(written.map(({ output }) => output)).toMatchObject(written.map((_, n) => ({ path: `${n}.txt`, bytes: 500_000 })));
  });

  test("that is too long for a call is refused whole", async () => {
    expectProblem(await send("write_file", { path: "a.txt", content: "x".repeat(600_000) }), 413, "too-large");
  });
});

describe("a call", () => {
  test("that is not as its tool wants it is refused before anything is made of it", async () => {
    const before = await listExecutions();
    for (const [tool, body, pointer] of [
      ["read_file", {}, "#/path"],
      ["read_file", { path: "a.txt", mode: 7 }, "#/mode"],
      ["write_file", { path: "a.txt", content: 1 }, "#/content"],
      ["write_file", { path: "a.txt", content: "x", run_id: "mine" }, "#/run_id"],
      ["execute_javascript", { code: "" }, "#/code"],
      ["execute_javascript", { code: "1", time_ms: 60_000 }, "#/time_ms"],
    ] as const) {
      const { errors = [] } = expectProblem(await send(tool, body), 400, "invalid-request");
      expect(errors.map((error) => error.pointer)).toEqual([pointer]);
    }
    expect(await listExecutions()).toBe(before);
  });

  test("into a run that does not exist is refused", async () => {
    const before = await listExecutions();
    for (const [tool, body] of [
      ["read_file", { path: "a.txt" }],
      ["write_file", { path: "a.txt", content: "x" }],
      ["execute_javascript", { code: "output(1)" }],
    ] as const) {
      expectProblem(await send(tool, { ...body, run_id: NOWHERE }), 404, "not-found");
    }
    expect(await listExecutions()).toBe(before);
  });

  test.for(["execute_python", "http_request", "sql_query", "search_web", "no_such_tool", "__proto__"])(
    "of %s has no route",
    async (tool) => {
      expectProblem(await send(tool, {}), 404, "not-found");
    },
  );

  test("needs a scope of its own", async () => {
    const { key } = await person.post("/v1/auth/api-keys", { name: "reader", scopes: ["tools:read"] }, z.object({ key: z.string() }));
    const reader: Api = openApi(server.url, key);

    expectProblem(await reader.call("POST", "/v1/tools/read_file", { body: { path: "a.txt" } }), 403, "forbidden");
    const { id } = await run("output(1)");
    expect((await reader.call("GET", `/v1/tools/executions/${id}`)).status).toBe(200);
  });

  test("made twice under one key is carried out once, and answered twice", async () => {
    const key = { "idempotency-key": "call-once" };
    const body = { code: "output(Math.random())" };
    const [first, second] = [await send("execute_javascript", body, key), await send("execute_javascript", body, key)];

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expectProblem(await send("execute_javascript", { code: "output(2)" }, key), 409, "idempotency-conflict");
  });

  test("can be looked up: as an execution, and as the run that it is", async () => {
    const execution = await run("output(7)");

    expect(await person.get(`/v1/tools/executions/${execution.id}`, ToolExecution)).toEqual(execution);
    expect(await getRun(person, execution.id)).toMatchObject({
      status: "completed",
      result: { value: 7 },
      tasks: [{ kind: "call", name: "execute_javascript", status: "completed" }],
      usage: [],
      budget: { limit_usd: null, spent_usd: "0", held_usd: "0" },
      memories: [],
    });
    expect((await readFacts(person, execution.id)).map((fact) => fact.type)).toEqual([
      "run-created",
      "task-started",
      "effect-answered",
      "task-completed",
      "run-completed",
    ]);
  });

  test("that nobody made is unknown, and so is a goal where a call is asked for", async () => {
    for (const id of [NOWHERE, ended]) expectProblem(await person.call("GET", `/v1/tools/executions/${id}`), 404, "not-found");
  });

  test("is in no list of goals, and leaves no memory", async () => {
    const { id, run_id } = await run("output('unforgettable')");
    for (const list of ["/v1/runs?limit=100", "/v1/tasks?limit=100", "/v1/memories?limit=100"]) {
      const { text } = await person.call("GET", list);
      expect([id, run_id, "unforgettable"].filter((word) => text.includes(word))).toEqual([]);
    }
  });

  test("takes its turn among many, and each gets its own answer", async () => {
    const executions = await Promise.all(Array.from({ length: 12 }, (_, input) => run("output(input)", { input })));

    expect(executions.map(({ output }) => z.looseObject({ value: z.number() }).parse(output).value)).toEqual(executions.map((_, n) => n));
  });
});

/** How many calls there were so far: each is an assignment of the agent that may use tools. */
async function listExecutions(): Promise<number> {
  const Assignments = z.object({ items: z.array(z.looseObject({ task_id: z.string() })) });
  return (await person.get("/v1/assignments?limit=100", Assignments)).items.length;
}

test("nothing of this was an error of ours", () => {
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});
