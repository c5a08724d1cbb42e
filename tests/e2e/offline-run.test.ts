import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { Agent, Assignment } from "../../shared/orchestration/contracts/agents.ts";
import { RunDiff } from "../../shared/orchestration/contracts/diff.ts";
import { ForkBill } from "../../shared/orchestration/contracts/forks.ts";
import { Replay } from "../../shared/orchestration/contracts/replay.ts";
import type { Run } from "../../shared/orchestration/contracts/runs.ts";
import { Task } from "../../shared/orchestration/contracts/tasks.ts";
import { pageOf } from "../../shared/platform/api/page.ts";
import { openApi } from "./api.ts";
import { expectProblem } from "./problem.ts";
import { followUntil, getRun, postGoal, pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

const goal =
  "1. Read penguins.csv. 2. Using step 1, compute the mean body_mass_g per species. 3. In parallel with step 2, count the rows per island. " +
  "4. Using steps 2 and 3, write a report with both tables to report.md";
const penguins = readFileSync(path.resolve(import.meta.dirname, "../../examples/penguins.csv"));
const files = [{ path: "data/penguins.csv", content: penguins.toString("base64"), encoding: "base64" }];

let server: TestServer;
let person: Person;
let run: Run;

beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "somebody");
  run = await pursueGoal(person, goal.replace("penguins.csv", "data/penguins.csv"), { files });
}, 60_000);
afterAll(() => server.close());

describe("a goal without a model", () => {
  test("is planned as it says, and done: 2 and 3 after 1, and 4 after both", () => {
    expect(run).toMatchObject({ status: "completed", error: null, model: "offline:offline-rules-v1" });
    expect(
      run.tasks.filter(({ kind }) => kind === "executor").map(({ ordinal, depends_on, attempts }) => ({ ordinal, depends_on, attempts })),
    ).toEqual([
      { ordinal: 1, depends_on: [], attempts: 1 },
      { ordinal: 2, depends_on: [1], attempts: 1 },
      { ordinal: 3, depends_on: [1], attempts: 1 },
      { ordinal: 4, depends_on: [2, 3], attempts: 1 },
    ]);
  });

  test("is answered with the right numbers", async () => {
    const report = (await person.call("GET", `/v1/runs/${run.id}/files/report.md`)).text;

    for (const row of [
      /Adelie \| 3700\.66/,
      /Chinstrap \| 3733\.08/,
      /Gentoo \| 5076\.01/,
      /Biscoe \| 168/,
      /Dream \| 124/,
      /Torgersen \| 52/,
    ]) {
      expect(report).toMatch(row);
    }
  });

  test("costs nothing, and says by whom it was done", () => {
    expect(run.usage).toMatchObject([{ model: "offline-rules-v1", cost_usd: "0", price_status: "offline" }]);
    expect(run.budget).toEqual({ limit_usd: null, spent_usd: "0", held_usd: "0" });
  });

  test("is computed anew without a single call, and every decision is the one that was recorded", async () => {
    const events = await readFacts(person, run.id);

    const replay = await person.get(`/v1/runs/${run.id}/replay`, Replay);

    expect(replay).toMatchObject({ run_id: run.id, outcome: "same", attempts: run.tasks.length, divergence: null, erased: [] });
    expect(replay.decisions).toBeGreaterThan(2 * run.tasks.length);
    expect(await readFacts(person, run.id)).toEqual(events);
  });

  test("is forked from its last step with another wish: only that is carried out, and the price is told before", async () => {
    const task = run.tasks.find(({ ordinal }) => ordinal === 4);
    const { description } = await person.get(`/v1/tasks/${task?.id}`, Task);
    const edit = { task_id: task?.id, description: description.replace("report.md", "summary.md") };
    const bill = await person.post(`/v1/runs/${run.id}/forks/preview`, edit, ForkBill);
    const forked = await person.post(`/v1/runs/${run.id}/forks`, edit, ForkBill.extend({ run_id: z.uuid(), status: z.string() }));
    await followUntil(person, forked.run_id);

    expect({ rerun: bill.rerun.map(({ ordinal }) => ordinal), cost: bill.cost_usd }).toEqual({ rerun: [4], cost: { low: "0", high: "0" } });
    expect(forked).toMatchObject(bill);
    expect(await getRun(person, forked.run_id)).toMatchObject({
      error: null,
      status: "completed",
      forked_from: { run_id: run.id, task_id: task?.id },
    });
    const report = (await person.call("GET", `/v1/runs/${run.id}/files/report.md`)).text;
    expect((await person.call("GET", `/v1/runs/${forked.run_id}/files/summary.md`)).text).toBe(report);
    expectProblem(await person.call("GET", `/v1/runs/${forked.run_id}/files/report.md`), 404, "not-found");
    const diff = await person.get(`/v1/runs/${run.id}/diff?with=${forked.run_id}`, RunDiff);
    expect(diff.first_divergence).toMatchObject({
      ordinal: 4,
      changes: ["description", "variables", "result"],
      seq: 0,
      differs: "request",
    });
    expect(diff.tasks.filter(({ ordinal, changes }) => ordinal > 0 && ordinal < 4 && changes.length > 0)).toEqual([]);
    expect((await person.get(`/v1/runs/${run.id}/diff?with=${run.id}`, RunDiff)).first_divergence).toBeNull();
    expectProblem(await person.call("GET", `/v1/runs/${run.id}/diff?with=${task?.id}`), 404, "not-found");
    expectProblem(await person.call("POST", `/v1/runs/${run.id}/forks`, { body: { ...edit, result: 1 } }), 400, "invalid-request");
    expectProblem(await person.call("POST", `/v1/runs/${run.id}/forks`, { body: { task_id: run.id } }), 404, "not-found");
  });

  test("that cannot be done fails with the step and the reason, and what depends on it is cancelled", async () => {
    const mixed =
      "1. Compute 6 * 7. 2. Paint a picture of the sea. 3. Using step 2, write it to sea.md. 4. Using step 1, write it to answer.md";
    const failed = await pursueGoal(person, mixed);

    expect(failed).toMatchObject({ status: "failed", error: { code: "unsupported_offline" } });
    expect(failed.tasks.filter(({ kind }) => kind === "executor").map(({ status }) => status)).toEqual([
      "completed",
      "failed",
      "cancelled",
      "completed",
    ]);
    expect((await person.call("GET", `/v1/runs/${failed.id}/files/answer.md`)).text).toContain("42");
    expect((await person.get(`/v1/runs/${failed.id}/replay`, Replay)).outcome).toBe("same");
  });
});

describe("files of a run", () => {
  test("come back byte for byte, and are listed with their sizes", async () => {
    const reply = await fetch(`${server.url}/v1/runs/${run.id}/files/data/penguins.csv`, {
      headers: { authorization: `Bearer ${person.token}` },
    });
    const report = await person.call("GET", `/v1/runs/${run.id}/files/report.md`);

    expect(Buffer.from(await reply.arrayBuffer()).equals(penguins)).toBe(true);
    expect(reply.headers.get("content-type")).toBe("application/octet-stream");
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await person.call("GET", `/v1/runs/${run.id}/files`)).body).toEqual({
      files: [
        { path: "data/penguins.csv", bytes: penguins.length },
        { path: "report.md", bytes: Buffer.byteLength(report.text) },
      ],
    });
  });

  test("may be given as text, be empty, or hold any byte", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const given = [
      { path: "empty.txt", content: "" },
      { path: "a folder/text (1).txt", content: "größer 💥\r\n" },
      { path: "bytes.bin", content: Buffer.from(bytes).toString("base64"), encoding: "base64" },
    ];
    const { runId } = await postGoal(person, "1. Compute 1 + 1", { files: given });
    await followUntil(person, runId);

    const read = async (name: string) =>
      new Uint8Array(
        await (
          await fetch(`${server.url}/v1/runs/${runId}/files/${name}`, { headers: { authorization: `Bearer ${person.token}` } })
        ).arrayBuffer(),
      );
    expect(await read("bytes.bin")).toEqual(bytes);
    expect(await read("empty.txt")).toHaveLength(0);
    expect(new TextDecoder().decode(await read("a%20folder/text%20%281%29.txt"))).toBe("größer 💥\r\n");
    expect((await person.call("GET", `/v1/runs/${runId}/files`)).body).toEqual({
      files: [
        { path: "a folder/text (1).txt", bytes: 15 },
        { path: "bytes.bin", bytes: 256 },
        { path: "empty.txt", bytes: 0 },
      ],
    });
  });
});

describe("tasks and runs", () => {
  test("are listed newest first, page by page, each once", async () => {
    const Page = pageOf(z.looseObject({ id: z.uuid(), status: z.string() }));
    for (const list of ["/v1/runs", "/v1/tasks"]) {
      const all = await person.get(`${list}?limit=100`, Page);
      const paged: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: z.infer<typeof Page> = await person.get(`${list}?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`, Page);
        paged.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      expect(paged).toEqual(all.items.map(({ id }) => id));
      expect(paged).toEqual(paged.toSorted().toReversed());
      expect(paged.length).toBeGreaterThanOrEqual(3);
      const failed = await person.get(`${list}?status=failed`, Page);
      expect(failed.items).toEqual(all.items.filter(({ status }) => status === "failed"));
    }
  });

  test("are the same seen from both sides", async () => {
    const { items } = await person.get(`/v1/tasks?run_id=${run.id}`, pageOf(Task));
    const root = await person.get(`/v1/tasks/${run.task_id}`, Task);

    expect(root).toMatchObject({ kind: "goal", parent_task_id: null, status: "completed", run_id: run.id });
    expect(items.map(({ id }) => id).toSorted()).toEqual([root.id, ...run.tasks.map(({ id }) => id)].toSorted());
    for (const task of items.filter(({ kind }) => kind !== "goal")) {
      const seen = run.tasks.find(({ id }) => id === task.id);
      expect(task).toMatchObject({ parent_task_id: root.id, name: seen?.name, status: seen?.status, attempts: seen?.attempts });
      expect(await person.get(`/v1/tasks/${task.id}`, Task)).toEqual(task);
    }
  });
});

describe("an idempotency key", () => {
  const post = (key: string, body: object, who = person) => who.call("POST", "/v1/tasks", { body, headers: { "idempotency-key": key } });
  const body = { goal: "1. Compute 2 + 3" };

  test("gives the first answer again, and begins one run", async () => {
    const [first, second] = [await post("key-1", body), await post("key-1", body)];

    expect(first.status).toBe(202);
    expect(second.body).toEqual(first.body);
    expect([first.headers.get("location"), second.headers.get("location")]).toEqual(Array(2).fill(first.headers.get("location")));
    expect([first.headers.get("idempotency-replayed"), second.headers.get("idempotency-replayed")]).toEqual([null, "true"]);
    const { items } = await person.get("/v1/runs?limit=100", pageOf(z.looseObject({ goal: z.string() })));
    expect(items.filter((item) => item.goal === body.goal)).toHaveLength(1);
  });

  test("sent twice at once begins one run", async () => {
    const replies = await Promise.all(Array.from({ length: 5 }, () => post("key-2", { goal: "1. Compute 3 + 4" })));

    const statuses = replies.map(({ status }) => status);
    expect(statuses).toContain(202);
    expect(statuses.filter((status) => status !== 202 && status !== 409)).toEqual([]);
    const { items } = await person.get("/v1/runs?limit=100", pageOf(z.looseObject({ goal: z.string() })));
    expect(items.filter((item) => item.goal === "1. Compute 3 + 4")).toHaveLength(1);
  });

  test("is refused for another request, and is free again after one that was refused", async () => {
    expect((await post("key-3", { goal: "" })).status).toBe(400);
    expect((await post("key-3", { goal: "1. Compute 4 + 5" })).status).toBe(202);
    expectProblem(await post("key-3", { goal: "1. Compute 5 + 6" }), 409, "idempotency-conflict");
  });

  test("of somebody else is another key", async () => {
    const other = await signUp(server.url, "somebody-else");
    const [mine, theirs] = [await post("key-4", body), await post("key-4", body, other)];

    expect(theirs.status).toBe(202);
    expect(theirs.headers.get("idempotency-replayed")).toBeNull();
    expect(theirs.body).not.toEqual(mine.body);
  });
});

describe("memories", () => {
  test("of a run are found by what it was about, and by the next run's planner", async () => {
    const [episode] = run.memories;
    const found = await person.get(
      "/v1/memories?query=mean%20species",
      pageOf(z.looseObject({ id: z.uuid(), run_id: z.uuid().nullable() })),
    );

    const next = await pursueGoal(person, "1. Count the rows of data/penguins.csv", { files });

    expect(run.memories).toHaveLength(1);
    expect(episode?.content).toContain("compute the mean body_mass_g per species");
    expect(found.items).toContainEqual(expect.objectContaining({ id: episode?.id, run_id: run.id, memory_type: "episodic" }));
    const recalls = (await readFacts(person, next.id)).filter((fact) => fact["kind"] === "recall");
    expect(recalls).toMatchObject([{ type: "effect-answered", state: "done" }]);
    expect(next.status).toBe("completed");
  });

  test("are stored, read, listed and deleted for good", async () => {
    const stored = await person.call("POST", "/v1/memories", {
      body: { content: "The kumquat is eaten whole", metadata: { source: "a book" } },
    });
    const { id } = z.object({ id: z.uuid() }).parse(stored.body);
    expect(stored.status).toBe(201);
    expect((await person.call("GET", `/v1/memories/${id}`)).body).toEqual(stored.body);
    expect((await person.call("GET", "/v1/memories?query=kumquat")).text).toContain(id);

    expect((await person.call("DELETE", `/v1/memories/${id}`)).status).toBe(204);

    expectProblem(await person.call("GET", `/v1/memories/${id}`), 404, "not-found");
    expectProblem(await person.call("DELETE", `/v1/memories/${id}`), 404, "not-found");
    expect((await person.call("GET", "/v1/memories?query=kumquat")).body).toEqual({ items: [], next_cursor: null });
  });
});

describe("the workspace", () => {
  test("has an agent for each role, idle when nothing runs, and room for ten executors", async () => {
    // Runs of which only the beginning was looked at, above, may still go on.
    const { items } = await person.get("/v1/runs?limit=100", pageOf(z.object({ id: z.uuid() })));
    for (const { id } of items) await followUntil(person, id);

    const { agents } = await person.get("/v1/agents", z.object({ agents: z.array(Agent) }));
    const { roles } = await person.get("/v1/pool", z.object({ roles: z.array(z.looseObject({ role: z.string(), capacity: z.int() })) }));

    expect(agents.map(({ role }) => role).toSorted()).toEqual(["critic", "executor", "planner", "summarizer"]);
    expect(agents.every(({ status, current_task_count }) => status === "idle" && current_task_count === 0)).toBe(true);
    expect(agents.find(({ role }) => role === "planner")).toMatchObject({ temperature: 0.7 });
    expect(roles.find(({ role }) => role === "executor")).toMatchObject({ agents: 1, capacity: 10, running: 0, waiting: 0 });
  });

  test("knows who did what", async () => {
    for (const task of run.tasks) {
      const { items } = await person.get(`/v1/assignments?task_id=${task.id}`, pageOf(Assignment));
      expect(items).toHaveLength(task.attempts);
      expect(items[0]).toMatchObject({ task_id: task.id, completed_at: expect.any(String), result: { status: "completed" } });
    }
  });

  test("knows its tools, its model and what was used", async () => {
    const tools = await person.call("GET", "/v1/tools");
    const models = await person.call("GET", "/v1/ai/models");
    const usage = await person.call("GET", "/v1/ai/usage");

    expect(
      z
        .object({ tools: z.array(z.object({ name: z.string() })) })
        .parse(tools.body)
        .tools.map(({ name }) => name)
        .toSorted(),
    ).toEqual(["execute_javascript", "read_file", "write_file"]);
    expect(models.body).toMatchObject({
      models: [{ id: "offline:offline-rules-v1", is_default: true, generative: false, price_status: "offline" }],
    });
    expect(usage.body).toMatchObject({ usage: [{ model: "offline-rules-v1", cost_usd: "0" }] });
    expect((await person.call("GET", "/v1/ai/usage?from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z")).body).toEqual({ usage: [] });
  });
});

describe("the server", () => {
  test("says what it is to anybody, and describes itself", async () => {
    const anybody = openApi(server.url);

    expect((await anybody.call("GET", "/health")).body).toMatchObject({
      status: "ok",
      models: { default: "offline:offline-rules-v1", generative: false },
    });
    expect((await anybody.call("GET", "/v1/openapi.json")).body).toMatchObject({ openapi: "3.1.0" });
    const { keys } = await anybody.get("/v1/auth/jwks", z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }));
    expect(keys.filter(({ kty, alg, d }) => kty !== "EC" || alg !== "ES256" || d !== undefined)).toEqual([]);
  });

  test("looks into its database for its admin alone", async () => {
    const admin = openApi(server.url, server.apiKey);

    expect((await admin.call("GET", "/health?deep=1")).body).toMatchObject({ status: "ok", database: "ok" });
    expectProblem(await person.call("GET", "/health?deep=1"), 403, "forbidden");
    expectProblem(await openApi(server.url).call("GET", "/health?deep=1"), 401, "unauthenticated");
  });

  test("forgets a key that was deleted", async () => {
    const { id, key } = await person.post("/v1/auth/api-keys", { name: "short-lived" }, z.object({ id: z.uuid(), key: z.string() }));

    expect((await person.call("DELETE", `/v1/auth/api-keys/${id}`)).status).toBe(204);

    expectProblem(await openApi(server.url, key).call("GET", "/v1/auth/me"), 401, "unauthenticated");
  });

  test("does not mind many goals at once", async () => {
    const started = await Promise.all(Array.from({ length: 4 }, (_, index) => postGoal(person, `1. Compute ${index} * ${index}`)));

    for (const { runId } of started) await followUntil(person, runId);

    const runs = await Promise.all(started.map(({ runId }) => getRun(person, runId)));
    expect(runs.map(({ status }) => status)).toEqual(Array(4).fill("completed"));
    expect(runs.map(({ tasks }) => tasks[1]?.result)).toEqual(runs.map((_, index) => expect.objectContaining({ value: index * index })));
    expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
