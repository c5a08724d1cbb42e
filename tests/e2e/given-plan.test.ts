import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { TaskDependencies } from "../../shared/orchestration/contracts/plans.ts";
import { pageOf } from "../../shared/platform/api/page.ts";
import type { Reply } from "./api.ts";
import { expectProblem } from "./problem.ts";
import { followUntil, getRun, postGoal, pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;

beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "somebody");
}, 60_000);
afterAll(() => server.close());

const task = (id: string, description: string, dependencies: string[] = []) => ({ id, name: description, description, dependencies });
const diamond = [
  task("last", "Using tasks 2 and 3, write both results to sums.md", ["left", "right"]),
  task("first", "Compute 6 * 7"),
  task("left", "Compute 1 + 2", ["first"]),
  task("right", "Compute 3 + 4", ["first"]),
];
const post = (tasks: unknown, more: object = {}): Promise<Reply> =>
  person.call("POST", "/v1/tasks", { body: { goal: "a plan of mine", tasks, ...more } });

/** A plan of `size` tasks, each after the one a hundred before it. */
const many = (size: number) =>
  Array.from({ length: size }, (_, index) => task(`t${index}`, `Compute ${index} + 1`, index < 100 ? [] : [`t${index - 100}`]));

describe("a goal with a plan", () => {
  test("is carried out as the plan says, in whatever order it stands, and no planner is asked", async () => {
    const run = await pursueGoal(person, "Compute two sums after a product", { tasks: diamond.slice(1) });

    expect(run).toMatchObject({ status: "completed", error: null });
    expect(run.tasks.map(({ kind, name, depends_on, status }) => [kind, name, depends_on, status])).toEqual([
      ["executor", "Compute 6 * 7", [], "completed"],
      ["executor", "Compute 1 + 2", [1], "completed"],
      ["executor", "Compute 3 + 4", [1], "completed"],
      ["critic", "Review the results", [], "completed"],
      ["summarizer", "Summarize the run", [], "completed"],
    ]);
    expect((await readFacts(person, run.id)).map(({ type }) => type).slice(0, 4)).toEqual([
      "run-created",
      "phase-started",
      "plan-stored",
      "phase-started",
    ]);
  });

  test("is planned once, however often it is posted under one key", async () => {
    const body = { goal: "a plan of mine", tasks: [task("a", "Compute 1 + 1")] };
    const headers = { "idempotency-key": "given-once" };
    const replies = [await person.call("POST", "/v1/tasks", { body, headers }), await person.call("POST", "/v1/tasks", { body, headers })];

    expect(replies.map(({ status }) => status)).toEqual([202, 202]);
    expect(replies[1]?.body).toEqual(replies[0]?.body);
  });

  test("may have 10,000 tasks, which the log tells in pieces, and can be cancelled", async () => {
    const { runId } = await postGoal(person, "very many sums", { tasks: many(10_000) });
    const facts = await followUntil(person, runId, "task-started");
    expect(facts.filter(({ type }) => type === "plan-stored")).toHaveLength(20);

    expect((await person.call("POST", `/v1/runs/${runId}/cancel`)).status).toBe(200);
    const { tasks } = await getRun(person, runId);
    expect(tasks).toHaveLength(10_000);
    expect(tasks[9_999]).toMatchObject({ ordinal: 10_000, depends_on: [9_900], status: "cancelled" });
  }, 60_000);
});

describe("the order of a plan", () => {
  const timed = diamond.map((one) => ({ ...one, estimated_duration_seconds: one.id === "right" ? 9 : 2 }));
  const seconds = { critical_path_seconds: 13, total_estimated_seconds: 15 };

  test("is shown before anything runs, and nothing is kept of it", async () => {
    const listRuns = async () => (await person.get("/v1/runs", pageOf(z.looseObject({ id: z.uuid() })))).items.map(({ id }) => id);
    const before = await listRuns();
    const reply = await person.call("POST", "/v1/plans/preview", { body: { tasks: timed } });

    const levels = [["first"], ["left", "right"], ["last"]];
    expect(reply).toMatchObject({
      status: 200,
      body: { valid: true, problems: [], levels, critical_path: ["first", "right", "last"], ...seconds },
    });
    expect(await listRuns()).toEqual(before);
  });

  test("is not made up for a plan that has faults: these are named instead", async () => {
    const reply = await person.call("POST", "/v1/plans/preview", { body: { tasks: [task("a", "A", ["a"])] } });

    expect(reply.body).toMatchObject({ valid: false, problems: [{ pointer: "#/tasks/0/dependencies/0" }], levels: [], critical_path: [] });
  });

  test("is that of the run, whichever of its tasks is asked for", async () => {
    const { runId, taskId } = await postGoal(person, "Compute two sums after a product", { tasks: timed });
    await followUntil(person, runId, "plan-stored");
    const { tasks } = await getRun(person, runId);
    const nameOf = new Map(tasks.map(({ id, name }) => [id, name]));

    const reply = await person.call("GET", `/v1/tasks/${taskId}/dependencies`);
    const { levels, critical_path, edges } = TaskDependencies.parse(reply.body);

    expect(reply.body).toMatchObject({ run_id: runId, ...seconds });
    const named = (ids: string[]) => ids.map((id) => timed.find(({ name }) => name === nameOf.get(id))?.id ?? "");
    expect([levels.map((ids) => named(ids).toSorted()), named(critical_path)]).toEqual([
      [["first"], ["left", "right"], ["last"]],
      ["first", "right", "last"],
    ]);
    expect(edges).toHaveLength(4);
    expect((await person.call("GET", `/v1/tasks/${levels[0]?.[0]}/dependencies`)).body).toMatchObject({ run_id: runId });
    await person.call("POST", `/v1/runs/${runId}/cancel`);
  });
});

describe("a plan that cannot be carried out is refused whole", () => {
  const faultsOf = async (reply: Promise<Reply>) => expectProblem(await reply, 400, "invalid-request").errors ?? [];
  const pointersOf = async (reply: Promise<Reply>) => (await faultsOf(reply)).map(({ pointer }) => pointer);
  const one = task("a", "Compute 1 + 1");
  const badPolicy = { acceptance: [{ kind: "regex", pattern: "(" }] };

  test.for<[string, unknown, string[]]>([
    ["no tasks", [], ["#/tasks"]],
    ["tasks that are no list", { a: one }, ["#/tasks"]],
    ["a task that is none", [null], ["#/tasks/0"]],
    ["a task without a description", [{ id: "a", name: "a" }], ["#/tasks/0/description"]],
    ["a field that is not there", [{ ...one, priority: 1 }], ["#/tasks/0/priority"]],
    ["an empty id", [{ ...one, id: "" }], ["#/tasks/0/id"]],
    ["a negative duration", [{ ...one, estimated_duration_seconds: -1 }], ["#/tasks/0/estimated_duration_seconds"]],
    ["an id that stands twice", [one, one], ["#/tasks/1/id"]],
    ["a task that waits for itself", [{ ...one, dependencies: ["a"] }], ["#/tasks/0/dependencies/0"]],
    ["a task that waits for nobody", [{ ...one, dependencies: ["b"] }], ["#/tasks/0/dependencies/0"]],
    ["a circle", [task("a", "A", ["b"]), task("b", "B", ["c"]), task("c", "C", ["a"])], ["#/tasks/0/dependencies"]],
    ["a tool that is not there", [{ ...one, required_capabilities: ["fly"] }], ["#/tasks/0/required_capabilities/0"]],
    ["a policy by which nothing can be checked", [{ ...one, policy: badPolicy }], ["#/tasks/0/policy/acceptance/0/pattern"]],
    ["10,001 tasks", many(10_001), ["#/tasks"]],
    ["eleven attempts", [{ ...one, policy: { retry: { max_attempts: 11 } } }], ["#/tasks/0/policy/retry/max_attempts"]],
    ["a wait of less than nothing", [{ ...one, policy: { retry: { backoff_seconds: -1 } } }], ["#/tasks/0/policy/retry/backoff_seconds"]],
    ["a code that is none", [{ ...one, policy: { retry: { terminal_codes: ["!"] } } }], ["#/tasks/0/policy/retry/terminal_codes/0"]],
    [
      "a pattern that would never end",
      [{ ...one, policy: { acceptance: [{ kind: "regex", pattern: "(a)\\1" }] } }],
      ["#/tasks/0/policy/acceptance/0/pattern"],
    ],
    [
      "a schema that asks for nothing known",
      [{ ...one, policy: { acceptance: [{ kind: "json_schema", schema: { typ: "string" } }] } }],
      ["#/tasks/0/policy/acceptance/0/schema"],
    ],
  ])("%s", async ([, tasks, pointers]) => {
    expect(await pointersOf(post(tasks))).toEqual(pointers);
  });

  test("with the way round its circle", async () => {
    const [fault] = await faultsOf(post([task("a", "A", ["b"]), task("b", "B", ["a"])]));
    expect(fault?.detail).toBe("The dependencies form a cycle: a → b → a");
  });

  test("with a hundred of its faults at most", async () => {
    const reply = post(Array.from({ length: 1_000 }, (_, index) => task(`t${index}`, "x", ["ghost"])));
    expect(await faultsOf(reply)).toHaveLength(100);
  });

  test("when it is longer than a plan may be, though its request is not", async () => {
    const tasks = Array.from({ length: 300 }, (_, index) => task(`t${index}`, "x".repeat(14_000)));
    expectProblem(
      await post(
        tasks.map((given) => ({ ...given, name: "long" })),
        {},
      ),
      413,
      "too-large",
    );
  });

  test("and nothing of it is kept", async () => {
    const listRuns = async () => (await person.get("/v1/runs", pageOf(z.looseObject({ id: z.uuid() })))).items.map(({ id }) => id);
    const before = await listRuns();
    await post([task("a", "A", ["a"])]);
    expect(await listRuns()).toEqual(before);
  });
});
