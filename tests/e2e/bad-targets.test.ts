import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { routeTable } from "../../functions/route-table.ts";
import { openApi, type Reply } from "./api.ts";
import { holdBack } from "./hold-back.ts";
import { expectProblem } from "./problem.ts";
import { readAnswer, sendBytes, sendRaw } from "./raw-request.ts";
import { postGoal, pursueGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { type Model, startModel } from "./start-model.ts";
import { startServer, type TestServer } from "./start-server.ts";

let model: Model;
let server: TestServer;
let person: Person;
/** A run that waits for its planner, so that its files may still change, and one that has ended. */
let open: string;
let ended: string;

const Listed = z.object({ files: z.array(z.object({ path: z.string(), bytes: z.int() })) });
const Items = z.object({ items: z.array(z.unknown()) });

beforeAll(async () => {
  model = await startModel();
  server = await startServer(model.settings);
  person = await signUp(server.url, "somebody");
  ended = (await pursueGoal(person, "What is six times seven?")).id;
  const call = holdBack("planner");
  model.play(call.script);
  open = (await postGoal(person, "What is seven times six?", { files: [{ path: "kept.txt", content: "kept" }] })).runId;
  await call.asked;
}, 60_000);
afterAll(async () => {
  await person.call("POST", `/v1/runs/${open}/cancel`);
  await server.close();
  await model.close();
});

afterEach(() => expectUnharmed());

/** Whatever was asked: the server is well, no file came or went, nothing was begun and nothing of ours broke. */
async function expectUnharmed(): Promise<void> {
  expect((await openApi(server.url).call("GET", "/health")).status).toBe(200);
  expect(await person.get(`/v1/runs/${open}/files`, Listed)).toEqual({ files: [{ path: "kept.txt", bytes: 4 }] });
  expect((await person.get("/v1/runs", Items)).items).toHaveLength(2);
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

const routes = routeTable.map(({ route }) => route);
const paths = [...new Set(routes.map(({ path }) => path))];
const raw = (target: string, method = "GET"): Promise<Reply> =>
  sendRaw(server.url, target, {
    method,
    headers: { authorization: `Bearer ${person.token}`, ...(method === "PUT" ? { "content-length": "1" } : {}) },
    ...(method === "PUT" ? { body: "x" } : {}),
  });
const fill = (path: string): string =>
  path.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => (name === "code" ? "internal" : name === "path" ? "kept.txt" : open));

describe("a method that a resource does not have", () => {
  test.for(paths)("is refused at %s, which says what it has", async (path) => {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
    const missing = ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"].filter((method) => !methods.some((known) => known === method));

    for (const method of missing) {
      const reply = await raw(fill(path), method);
      expectProblem(reply, 405, "method-not-allowed");
      const allowed = (reply.headers.get("allow") ?? "").split(", ");
      expect(allowed).toEqual(expect.arrayContaining([...methods, "OPTIONS"]));
      expect(allowed).not.toContain(method);
    }
  });
});

describe("HEAD", () => {
  test("answers what GET would, without its body", async () => {
    const [head, get] = await Promise.all([person.call("HEAD", `/v1/runs/${ended}`), person.call("GET", `/v1/runs/${ended}`)]);

    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: "" });
    expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(get.text)));
    expect(head.headers.get("content-type")).toBe("application/json");
  });

  test("of what does not exist says so", async () => {
    const reply = await person.call("HEAD", "/v1/runs/0198c0de-0000-7000-8000-000000000001");

    expect({ status: reply.status, text: reply.text }).toEqual({ status: 404, text: "" });
  });
});

describe("a place that does not exist", () => {
  test.for([
    "/",
    "/v1",
    "/v2/tasks",
    "/v1/Tasks",
    "/v1/tasks/x/y/z",
    "//v1/tasks",
    "/v1/task",
    "/favicon.ico",
    "/v1/runs//events",
    "/.git/config",
  ])("is unknown: %s", async (target) => {
    expectProblem(await raw(target), 404, "not-found");
  });

  test("may be named with a slash at the end where it does exist", async () => {
    expect((await raw("/v1/tasks/")).status).toBe(200);
  });
});

describe("an id", () => {
  const ids = ["1", "x", "null", "undefined", "0198c0de-0000-7000-8000-00000000000g", "0198c0de000070008000000000000001"];
  const hostile = ["%27%20OR%201%3D1--", "%24%7B7*7%7D", "x".repeat(4_000), "0198c0de-0000-7000-8000-000000000001%20", "%F0%9F%8D%90"];

  test.for([...ids, ...hostile, "0198c0de-0000-7000-8000-000000000001"])("that nothing has is unknown: %s", async (id) => {
    for (const target of [
      `/v1/runs/${id}`,
      `/v1/tasks/${id}`,
      `/v1/memories/${id}`,
      `/v1/runs/${id}/events?wait=0`,
      `/v1/runs/${id}/files`,
    ]) {
      const { detail } = expectProblem(await raw(target), 404, "not-found");
      expect(detail).not.toContain("OR 1=1");
    }
    expectProblem(await raw(`/v1/runs/${id}/cancel`, "POST"), 404, "not-found");
    expectProblem(await raw(`/v1/memories/${id}`, "DELETE"), 404, "not-found");
  });
});

describe("a path of a file", () => {
  const outside = ["../kept.txt", "a/../../x", "%2e%2e/x", "%2e%2e%2fx", "..%2fx", "a/%2e%2e/%2e%2e/x", ".", "./a", "%2e", "a/."];
  const strange = [
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "a//b",
    "a%00b",
    "a%5cb",
    "..%5cx",
    "C%3A%5Cx",
    "%252e%252e%252fx",
    "a%0ab",
    "a%20",
    "~%2fx",
  ];
  const unicode = ["%EF%BC%8E%EF%BC%8E/x", "a%EF%BC%8Fb", "a%E2%80%AEb", "%E2%80%A5/x", "%C0%AE%C0%AE/x", "%ED%A0%80", "__proto__"];

  test.for([...outside, ...strange, ...unicode, "a".repeat(256)])("leads nowhere: %s", async (path) => {
    for (const method of ["PUT", "GET"]) {
      const reply = await raw(`/v1/runs/${open}/files/${path}`, method);
      expect([400, 404]).toContain(reply.status);
      expectProblem(reply, reply.status);
      expect(reply.text).not.toContain("root:");
    }
  });

  test("that holds nothing is unknown", async () => {
    expectProblem(await raw(`/v1/runs/${open}/files/missing.txt`), 404, "not-found");
    expectProblem(await raw(`/v1/runs/${open}/files/Kept.txt`), 404, "not-found");
    expectProblem(await raw(`/v1/runs/${open}/files/kept.txt/more`), 404, "not-found");
  });

  test("takes nothing for a run that has ended", async () => {
    expectProblem(await person.call("PUT", `/v1/runs/${ended}/files/late.txt`, { body: "x" }), 409, "conflict");
    expect((await person.get(`/v1/runs/${ended}/files`, Listed)).files.map(({ path }) => path)).toEqual(["report.md"]);
  });

  test("takes no more than four megabytes", async () => {
    const sent = { body: new Uint8Array(4 * 1024 * 1024 + 1), headers: { "content-type": "application/octet-stream" } };
    expectProblem(await person.call("PUT", `/v1/runs/${open}/files/large.bin`, sent), 413, "too-large");
  });
});

describe("a query", () => {
  const limits = ["0", "-1", "101", "1e1", "1.5", "abc", "", "%31%30%30%30", "0x1", "٣", " 1", "NaN", "9999999999"];

  test.for(limits)("with the limit %j is refused", async (limit) => {
    for (const list of ["/v1/tasks", "/v1/runs", "/v1/memories", "/v1/assignments", "/v1/auth/api-keys"]) {
      const { errors } = expectProblem(await raw(`${list}?limit=${encodeURIComponent(decodeURIComponent(limit))}`), 400, "invalid-request");
      expect(errors?.map(({ pointer }) => pointer)).toEqual(["#/query/limit"]);
    }
  });

  const notACursor = ["x", "%00", "e30", "MQ", "Im5vdC1hLXV1aWQi", "a".repeat(1_001), "W10", "bnVsbA", "%7B%7D"];
  test.for(notACursor)("with the cursor %s is refused", async (cursor) => {
    for (const list of ["/v1/tasks", "/v1/runs", "/v1/memories", "/v1/assignments", "/v1/auth/api-keys"]) {
      expectProblem(await raw(`${list}?cursor=${cursor}`), 400, "invalid-request");
    }
  });

  test.for<[string, string]>([
    ["/v1/tasks?limit=1&limit=2", "#/query/limit"],
    ["/v1/tasks?status=done", "#/query/status"],
    ["/v1/runs?status=", "#/query/status"],
    ["/v1/tasks?run_id=1", "#/query/run_id"],
    ["/v1/assignments?agent_id=x", "#/query/agent_id"],
    ["/v1/assignments?task_id=%27", "#/query/task_id"],
    ["/v1/runs?sort=name", "#/query/sort"],
    ["/v1/runs?__proto__=1", "#/query/__proto__"],
    ["/v1/memories?memory_type=eternal", "#/query/memory_type"],
    ["/v1/ai/usage?from=yesterday", "#/query/from"],
    ["/v1/health?deep=yes", "#/query/deep"],
  ])("that does not fit is refused: %s", async ([target, pointer]) => {
    const { errors } = expectProblem(await raw(target), 400, "invalid-request");
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test("of the event stream that does not fit is refused", async () => {
    const events = `/v1/runs/${ended}/events`;
    for (const query of ["after=-1", "after=x", "after=1.5", "wait=26", "wait=", "wait=1e1", "from=1"]) {
      expectProblem(await raw(`${events}?${query}`), 400, "invalid-request");
    }
    expectProblem(await person.call("GET", events, { headers: { "last-event-id": "abc" } }), 400, "invalid-request");
  });

  test("for memories may hold anything that a person types", async () => {
    for (const words of ["'", '"', "((", "a & | !", "-", "%", "\\", "<->", ":*", "or or", "ü".repeat(900), "$1; DROP TABLE memories"]) {
      expect((await person.call("GET", `/v1/memories?query=${encodeURIComponent(words)}`)).status).toBe(200);
    }
    expectProblem(await person.call("GET", `/v1/memories?query=${"x".repeat(2_001)}`), 400, "invalid-request");
  });
});

describe("what is no well-formed request", () => {
  test.for(["/v1/runs/%zz", "/v1/tasks?cursor=%E0%A4", "/v1/%", "/v1/tasks?%=1", "/v1/runs/%C3%28"])("is refused: %s", async (target) => {
    expectProblem(await raw(target), 400, "invalid-request");
  });

  const host = "Host: 127.0.0.1\r\n";
  test.for<[string, string, number]>([
    ["a line that is no request", "hello\r\n\r\n", 400],
    ["another protocol's first bytes", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["a header without a colon", `GET /health HTTP/1.1\r\n${host}nonsense\r\n\r\n`, 400],
    ["two lengths", `POST /v1/tasks HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`, 400],
    ["a length and chunks", `POST /v1/tasks HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ["no host", "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    ["headers without end", `GET /health HTTP/1.1\r\n${host}X: ${"x".repeat(70_000)}\r\n\r\n`, 431],
    ["a target without end", `GET /${"x".repeat(70_000)} HTTP/1.1\r\n${host}\r\n`, 431],
  ])("is refused: %s", async ([, bytes, status]) => {
    expectProblem(readAnswer(await sendBytes(server.url, bytes)), status);
  });

  test("is an idempotency key of the wrong form", async () => {
    for (const key of ["", "x".repeat(256), "a b", "ä"]) {
      const headers = { authorization: `Bearer ${person.token}`, "content-type": "application/json", "idempotency-key": key };
      expectProblem(await sendRaw(server.url, "/v1/tasks", { method: "POST", headers, body: '{"goal":"x"}' }), 400, "invalid-request");
    }
  });
});
