import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { routeTable } from "../../functions/route-table.ts";
import { pathParameters } from "../../shared/platform/api/route.ts";
import { openApi, type Reply, type Sent } from "./api.ts";
import { expectProblem } from "./problem.ts";
import { sampleValue } from "./sample-value.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;

beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "somebody");
}, 60_000);
afterAll(() => server.close());

afterEach(() => expectUnharmed());

/** Whatever was sent: the server is well, kept nothing of it and does not blame itself. */
async function expectUnharmed(): Promise<void> {
  expect((await openApi(server.url).call("GET", "/health")).status).toBe(200);
  for (const list of ["/v1/tasks", "/v1/runs", "/v1/memories", "/v1/auth/api-keys"]) {
    expect((await person.call("GET", list)).body).toEqual({ items: [], next_cursor: null });
  }
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

const json = { "content-type": "application/json" };
const postTask = (sent: Sent): Promise<Reply> => person.call("POST", "/v1/tasks", sent);
const postGoal = (body: object): Promise<Reply> => postTask({ body });
const withFiles = (...files: unknown[]): Promise<Reply> => postGoal({ goal: "Read a.txt", files });
const pointersOf = (reply: Reply, status = 400): string[] =>
  (expectProblem(reply, status).errors ?? []).map(({ pointer }) => pointer).toSorted();

describe("a body that is not JSON", () => {
  const invalidUtf8 = Uint8Array.from([...new TextEncoder().encode('{"goal":"'), 0xc3, 0x28, ...new TextEncoder().encode('"}')]);

  test.for<[string, string | Uint8Array<ArrayBuffer>]>([
    ["nothing", ""],
    ["an object that is not closed", '{"goal":"x"'],
    ["a comma too many", '{"goal":"x",}'],
    ["single quotes", "{'goal':'x'}"],
    ["a word", "goal"],
    ["two documents", '{"goal":"x"}{"goal":"y"}'],
    ["bytes that are not UTF-8", invalidUtf8],
  ])("is refused: %s", async ([, body]) => {
    expectProblem(await postTask({ body, headers: json }), 400, "malformed-json");
  });
});

describe("a body of another type", () => {
  test.for([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=latin1",
    "json",
  ])("is refused: %s", async (type) => {
    const sent = { body: '{"goal":"x"}', headers: { "content-type": type } };
    expectProblem(await postTask(sent), 415, "unsupported-media-type");
  });
});

describe("a body of another shape", () => {
  test.for<[string, string, string]>([
    ["a list", "[]", "#"],
    ["a text", '"do it"', "#"],
    ["null", "null", "#"],
    ["no goal", "{}", "#/goal"],
    ["a number as goal", '{"goal":5}', "#/goal"],
    ["null as goal", '{"goal":null}', "#/goal"],
    ["a list as goal", '{"goal":["x"]}', "#/goal"],
    ["an unknown field", '{"goal":"x","priority":"high"}', "#/priority"],
    ["an identity", '{"goal":"x","workspace_id":"0198c0de-0000-7000-8000-000000000001"}', "#/workspace_id"],
    ["the name of a prototype", '{"goal":"x","__proto__":{"admin":true}}', "#/__proto__"],
    ["a constructor", '{"goal":"x","constructor":{}}', "#/constructor"],
    ["files that are no list", '{"goal":"x","files":{}}', "#/files"],
    ["a file that is no object", '{"goal":"x","files":[null]}', "#/files/0"],
    ["a file without content", '{"goal":"x","files":[{"path":"a.txt"}]}', "#/files/0/content"],
    ["an unknown encoding", '{"goal":"x","files":[{"path":"a.txt","content":"","encoding":"hex"}]}', "#/files/0/encoding"],
    ["an unknown field of a file", '{"goal":"x","files":[{"path":"a.txt","content":"","mode":7}]}', "#/files/0/mode"],
  ])("is refused, and its place named: %s", async ([, body, pointer]) => {
    expect(pointersOf(await postTask({ body, headers: json }))).toEqual([pointer]);
  });

  test("has every fault named at once", async () => {
    expect(pointersOf(await postGoal({ goal: "", budget_usd: "-1", extra: 1 }))).toEqual(["#/budget_usd", "#/extra", "#/goal"]);
  });

  test("is refused when no validator could walk it or no database keep it", async () => {
    const deep = `{"goal":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    for (const body of [deep, '{"goal":"a\\u0000b"}', '{"goal":"\\ud800"}', '{"a\\u0000":1}']) {
      expectProblem(await postTask({ body, headers: json }), 400, "invalid-request");
    }
  });
});

describe("a goal", () => {
  test.for<[string, string]>([
    ["is empty", ""],
    ["is all spaces", " \n\t  "],
    ["has 200 kB", "word ".repeat(40_000)],
    ["has one character too many", "x".repeat(20_001)],
  ])("that %s is refused", async ([, goal]) => {
    expect(pointersOf(await postGoal({ goal }))).toEqual(["#/goal"]);
  });

  test.for(["-1", "1e3", "0.0000000001", "free", "", "1,5", "9999999999", "0x10", " 1", "NaN", "Infinity"])(
    "with the budget %j is refused",
    async (budget) => {
      expect(pointersOf(await postGoal({ goal: "x", budget_usd: budget }))).toEqual(["#/budget_usd"]);
    },
  );

  test("with a budget that is no text is refused: a float cannot hold money", async () => {
    expect(pointersOf(await postGoal({ goal: "x", budget_usd: 0.1 }))).toEqual(["#/budget_usd"]);
  });
});

describe("a file of a goal", () => {
  const tricks = ["", ".", "..", "../a", "a/../b", "./a", "/etc/passwd", "a//b", "a/", "\\\\host\\a", "a\\b", "C:a", "a\u0000b", "a\nb"];
  const unicode = [
    "．．/a",
    "a／b",
    "a\u202eb",
    "\u200b",
    "..\u2215a",
    "ａ:b",
    "%2e%2e/a",
    "a%2fb",
    "__proto__/a",
    " a",
    "a ",
    "~/a",
    "a*",
  ];

  test.for([...tricks, ...unicode, "a".repeat(256)])("cannot lie at %j", async (path) => {
    const reply = await withFiles({ path, content: "x" });
    const pointers = pointersOf(reply);
    expect(pointers.length).toBeGreaterThan(0);
    // A NUL is refused for the whole body, before anybody asks what it stands for.
    expect(new Set(pointers)).toEqual(new Set(["#/files/0/path"]));
  });

  test.for(["@@@", "YQ=", "Y", "YWJj=", "Y=Q=", "YQ===", "ü", "YQ==YQ=="])("cannot be the base64 %j", async (content) => {
    expect(pointersOf(await withFiles({ path: "a.txt", content, encoding: "base64" }))).toEqual(["#/files/0/content"]);
  });

  test("cannot lie where another lies", async () => {
    expect(pointersOf(await withFiles({ path: "a.txt", content: "1" }, { path: "a.txt", content: "2" }))).toEqual(["#/files"]);
  });

  test("cannot be one of fifty-one", async () => {
    const files = Array.from({ length: 51 }, (_, index) => ({ path: `${index}.txt`, content: "" }));
    expect(pointersOf(await withFiles(...files))).toEqual(["#/files"]);
  });

  test("cannot be larger than a workspace takes at once", async () => {
    expectProblem(await withFiles({ path: "a.txt", content: "x".repeat(4 * 1024 * 1024 + 1) }), 413, "too-large");
  });
});

describe("a body over the limit", () => {
  test.for<[string, string, number]>([
    ["POST", "/v1/tasks", 6_000_001],
    ["POST", "/v1/tasks", 11_000_000],
    ["POST", "/v1/auth/register", 65_537],
    ["POST", "/v1/memories", 600_000],
  ])("is refused by %s %s: %i bytes", async ([method, path, bytes]) => {
    const body = JSON.stringify({ goal: "x".repeat(bytes - 11) });
    expectProblem(await person.call(method, path, { body, headers: json }), 413, "too-large");
  });

  test("is refused when its length was not told", async () => {
    const chunk = new Uint8Array(1_000_000);
    let left = 12;
    const body = new ReadableStream({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const response = await fetch(`${server.url}/v1/tasks`, {
      method: "POST",
      headers: { ...json, authorization: `Bearer ${person.token}` },
      body,
      duplex: "half",
    });
    expect(response.status).toBe(413);
  });
});

describe("an account", () => {
  const account = { email: "new@example.org", username: "new-person", password: "correct horse battery" };
  const register = (changes: object): Promise<Reply> =>
    openApi(server.url).call("POST", "/v1/auth/register", { body: { ...account, ...changes } });

  test.for<[string, object, string]>([
    ["no email", { email: "new" }, "#/email"],
    ["a short password", { password: "short" }, "#/password"],
    ["a password that bcrypt would cut", { password: "ä".repeat(37) }, "#/password"],
    ["a name with a slash", { username: "a/b" }, "#/username"],
    ["a role of its own choice", { role: "admin" }, "#/role"],
  ])("with %s is refused", async ([, changes, pointer]) => {
    const reply = await register(changes);
    expect(pointersOf(reply)).toEqual([pointer]);
    expect(reply.text).not.toContain("ää");
  });

  test("that exists already is refused, and its password is not changed", async () => {
    expectProblem(await register({ email: "SOMEBODY@example.org" }), 409, "conflict");
    const logIn = { email: "somebody@example.org", password: account.password };
    expect((await openApi(server.url).call("POST", "/v1/auth/login", { body: logIn })).status).toBe(200);
  });

  test("cannot be told from none by a wrong password", async () => {
    const replies = await Promise.all(
      ["somebody@example.org", "nobody@example.org"].map((email) =>
        openApi(server.url).call("POST", "/v1/auth/login", { body: { email, password: "wrong password" } }),
      ),
    );
    const problems = replies.map((reply) => expectProblem(reply, 401, "invalid-credentials"));
    expect(problems[0]).toEqual({ ...problems[1], instance: problems[0]?.instance });
  });
});

describe("a memory or a key", () => {
  test.for<[string, object, string]>([
    ["/v1/memories", { content: " " }, "#/content"],
    ["/v1/memories", { content: "ä".repeat(32_769) }, "#/content"],
    ["/v1/memories", { content: "x", confidence: 2 }, "#/confidence"],
    ["/v1/memories", { content: "x", memory_type: "eternal" }, "#/memory_type"],
    ["/v1/memories", { content: "x", expires_at: "tomorrow" }, "#/expires_at"],
    ["/v1/memories", { content: "x", metadata: { text: "x".repeat(16_384) } }, "#/metadata"],
    ["/v1/memories", { content: "x", user_id: "0198c0de-0000-7000-8000-000000000001" }, "#/user_id"],
    ["/v1/auth/api-keys", { name: " " }, "#/name"],
    ["/v1/auth/api-keys", { name: "x", scopes: ["root"] }, "#/scopes/0"],
    ["/v1/auth/api-keys", { name: "x", scopes: [] }, "#/scopes"],
  ])("is refused by %s for what stands at $2", async ([path, body, pointer]) => {
    expect(pointersOf(await person.call("POST", path, { body }))).toEqual([pointer]);
  });

  test("cannot be given more than its maker may do", async () => {
    expectProblem(await person.call("POST", "/v1/auth/api-keys", { body: { name: "x", scopes: ["admin"] } }), 403);
  });
});

describe("any JSON at all", () => {
  const routes = routeTable.map(({ route }) => route).filter((route) => route.body !== undefined && route.method === "POST");

  test.for(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "is answered by %s as the caller's fault",
    async ([, route]) => {
      const path = route.path.replaceAll(/\{\w+\+?\}/g, "0198c0de-0000-7000-8000-000000000001");
      const whole = z.record(z.string(), z.unknown()).parse(route.body === undefined ? {} : sampleValue(route.body));
      const field = fc.constantFrom(...Object.keys(whole), "unknown");
      const spoilt = fc.tuple(field, fc.jsonValue({ maxDepth: 3 })).map(([name, value]) => ({ ...whole, [name]: value }));
      // What happens to fit is no bad input; routes with ids then answer that there is no such thing.
      const misfits = fc.oneof(fc.jsonValue({ maxDepth: 4 }), spoilt).filter((body) => route.body?.safeParse(body).success === false);
      await fc.assert(
        fc.asyncProperty(misfits, async (body) => {
          const reply = await person.call(route.method, path, { body: JSON.stringify(body), headers: json });
          expectProblem(reply, 400);
        }),
        { numRuns: 25 },
      );
      expect(pathParameters(route.path).length).toBeLessThanOrEqual(1);
    },
  );
});
