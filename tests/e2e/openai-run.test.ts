import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import type { Run } from "../../shared/orchestration/contracts/runs.ts";
import { formatUsd } from "../../shared/platform/money.ts";
import { UsageRow } from "../../shared/usage/contract.ts";
import { answer, type FakeReply, playRoles, readBlock, readUser, roleOf, type Script } from "../fakes/openai-replies.ts";
import { pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { type Model, startModel, textOf } from "./start-model.ts";
import { startServer, type TestServer } from "./start-server.ts";

let model: Model;
let server: TestServer;
let person: Person;
let people = 0;

beforeAll(async () => {
  model = await startModel();
  server = await startServer(model.settings);
}, 60_000);
// Each with a workspace of their own: what one test remembers and spends is nothing to the next.
beforeEach(async () => {
  people += 1;
  person = await signUp(server.url, `person-${people}`);
  model.play();
});
afterEach(() => expectNoFault());
afterAll(async () => {
  await server.close();
  await model.close();
});

/** Not one request broke the vendor's rules, and nothing of ours broke. */
function expectNoFault(): void {
  expect(model.problems).toEqual([]);
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

/** What the run and its workspace say was used and spent is what the vendor's bill says, to the last nano-dollar. */
async function expectExactBill(run: Run): Promise<void> {
  const { cost_nano_dollars, ...bill } = model.bill();
  const cost_usd = formatUsd(cost_nano_dollars);
  const rows = [{ model: "gpt-6-luna", ...bill, cost_usd, price_status: "priced" }];
  expect(run.usage).toEqual(rows);
  expect(run.budget).toMatchObject({ spent_usd: cost_usd, held_usd: "0" });
  expect(await person.get("/v1/ai/usage", z.object({ usage: z.array(UsageRow) }))).toEqual({ usage: rows });
}

const rolesAsked = (): string[] => model.recent().map(({ request }) => roleOf(request));
const fileOf = async (run: Run, path: string): Promise<string> => (await person.call("GET", `/v1/runs/${run.id}/files/${path}`)).text;

describe("a model behind OpenAI's protocol", () => {
  test("plans a goal, carries it out with tools and sums it up, and its bill is exact", async () => {
    const run = await pursueGoal(person, "What is six times seven?");

    expect(run).toMatchObject({ status: "completed", model: "openai:gpt-6-luna", error: null, budget: { limit_usd: "5" } });
    expect(run.tasks.map(({ kind, status, depends_on }) => ({ kind, status, depends_on }))).toEqual([
      { kind: "planner", status: "completed", depends_on: [] },
      { kind: "executor", status: "completed", depends_on: [] },
      { kind: "executor", status: "completed", depends_on: [1] },
      { kind: "critic", status: "completed", depends_on: [] },
      { kind: "summarizer", status: "completed", depends_on: [] },
    ]);
    expect(z.object({ summary: z.string() }).parse(run.result).summary).toContain("42");
    expect(await fileOf(run, "report.md")).toBe("# Report\n\nThe answer is 42.\n");
    expect(rolesAsked()).toEqual(["planner", "executor", "executor", "executor", "executor", "critic", "summarizer"]);
    const answers = model.recent().map(({ request }) => textOf(request).includes("42"));
    expect(answers).toEqual([false, false, true, true, true, true, true]);
    await expectExactBill(run);
  });

  test("divides a task that it finds too large, finishes it from the results of its subtasks, and its bill is exact", async () => {
    const part = (id: string, dependencies: string[]) => ({ id, name: `Part ${id}`, description: `Compute part ${id}`, dependencies });
    const proposal = { subtasks: [part("one", []), part("two", ["one"])], notes: "Both are numbers." };
    model.play((request, number) => {
      if (roleOf(request) !== "executor" || readUser(request).includes("results of its subtasks: 3, 4")) return playRoles(request);
      const offered = request.tools?.some((tool) => tool.function.name === "propose_subtasks");
      const isFirst = readBlock(readUser(request), "task").includes("What is six times seven?") && offered && number === 2;
      return isFirst
        ? { kind: "answer", tool_calls: [{ name: "propose_subtasks", arguments: JSON.stringify(proposal) }] }
        : playRoles(request);
    });

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run).toMatchObject({ status: "completed", error: null });
    const plan = run.tasks.filter(({ kind }) => kind === "executor");
    expect(plan.map(({ ordinal, name, status, attempts, depends_on }) => ({ ordinal, name, status, attempts, depends_on }))).toMatchObject([
      { ordinal: 1, status: "completed", attempts: 2, depends_on: [3, 4] },
      { ordinal: 2, status: "completed", attempts: 1, depends_on: [1] },
      { ordinal: 3, name: "Part one", status: "completed", attempts: 1, depends_on: [] },
      { ordinal: 4, name: "Part two", status: "completed", attempts: 1, depends_on: [3] },
    ]);
    expect(run.plan.levels).toEqual([[3], [4], [1], [2]]);
    const [divided] = plan;
    const dag = await person.get(
      `/v1/tasks/${divided?.id}/dependencies`,
      z.object({ tasks: z.array(z.unknown()), edges: z.array(z.unknown()) }),
    );
    expect([dag.tasks.length, dag.edges.length]).toEqual([4, 4]);
    const below = await person.get(`/v1/tasks?parent_task_id=${divided?.id}`, z.object({ items: z.array(z.object({ name: z.string() })) }));
    expect(below.items.map(({ name }) => name)).toEqual(["Part two", "Part one"]);
    expect((await readFacts(person, run.id)).filter(({ type }) => type === "subtasks-proposed")).toHaveLength(1);
    expect(await fileOf(run, "report.md")).toBe("# Report\n\nThe answer is 42.\n");
    const replay = await person.get(`/v1/runs/${run.id}/replay`, z.object({ outcome: z.string() }));
    expect(replay.outcome).toBe("same");
    await expectExactBill(run);
  });

  test("is not offered to divide a task where the goal says so", async () => {
    await pursueGoal(person, "What is six times seven?", { max_subtask_depth: 0 });

    const offered = model.recent().flatMap(({ request }) => request.tools?.map((tool) => tool.function.name) ?? []);
    expect(new Set(offered)).toEqual(new Set(["execute_javascript", "read_file", "write_file"]));
  });

  test("is billed for what it wrote to its cache and read from it, at their own prices", async () => {
    const usage = { prompt_tokens: 3_001, completion_tokens: 77, cached_tokens: 1_024, cache_write_tokens: 513 };
    model.play((request) => ({ usage, ...playRoles(request) }));

    await expectExactBill(await pursueGoal(person, "What is six times seven?"));
  });

  test("that is busy is asked three times in all, and bills the one answer", async () => {
    const busy: FakeReply = { kind: "error", status: 429, headers: { "retry-after-ms": "1" } };
    model.play((request, number) => (number <= 2 ? busy : playRoles(request)));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.status).toBe("completed");
    expect(model.recent().map(({ status }) => status)).toEqual([429, 429, 200, 200, 200, 200, 200, 200, 200]);
    expect(rolesAsked().slice(0, 4)).toEqual(["planner", "planner", "planner", "executor"]);
    await expectExactBill(run);
  });

  test("that stays busy fails the run with what it said, after two attempts of three calls", async () => {
    model.play(() => ({ kind: "error", status: 503, message: "Overloaded.", headers: { "retry-after-ms": "1" } }));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run).toMatchObject({
      status: "failed",
      error: { code: "provider-unavailable", detail: "The model provider answered 503: Overloaded." },
    });
    expect(model.recent()).toHaveLength(6);
    expect(run.usage).toEqual([]);
  });

  test("that refuses the request fails the run at once, without our key in the reason", async () => {
    model.play(() => ({ kind: "error", status: 400, message: `No such thing for ${model.apiKey}.` }));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.error).toEqual({
      code: "provider-rejected",
      detail: "The model provider answered 400: No such thing for (key).",
      retryable: false,
    });
    expect(model.recent()).toHaveLength(1);
  });

  test.for<[string, FakeReply, string]>([
    ["says 200 and sends no JSON", { kind: "raw", body: "<html>", contentType: "text/html" }, "provider-unavailable"],
    ["says 200 and sends half a document", { kind: "raw", body: '{"choices":' }, "provider-unavailable"],
    ["says 200 and sends no choice", { kind: "raw", body: '{"choices":[]}' }, "provider-unavailable"],
    ["will not talk about it", { kind: "answer", refusal: "I cannot help with that." }, "refused"],
  ])("that %s fails the run with the reason", async ([, reply, code]) => {
    model.play((request) => (roleOf(request) === "planner" ? reply : playRoles(request)));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run).toMatchObject({ status: "failed", error: { code } });
    expect(run.error?.detail).not.toBe("");
  });
});

describe("an answer that was cut off", () => {
  const cut: FakeReply = { kind: "answer", content: '{"tasks": [', finish_reason: "length" };

  test("is billed, and the task is tried anew", async () => {
    model.play((request, number) => (number === 1 ? cut : playRoles(request)));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.status).toBe("completed");
    expect(run.tasks[0]).toMatchObject({ kind: "planner", attempts: 2 });
    expect((await readFacts(person, run.id)).find(({ type }) => type === "task-retried")).toMatchObject({
      error: { code: "answer-truncated" },
    });
    await expectExactBill(run);
  });

  test("each time fails the run, with every answer billed", async () => {
    model.play(() => cut);

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run).toMatchObject({ status: "failed", error: { code: "answer-truncated" } });
    expect(model.recent()).toHaveLength(2);
    await expectExactBill(run);
  });

  test("is never taken for a whole one, even if it reads like one", async () => {
    model.play((request, number) => ({ ...playRoles(request), ...(number === 1 ? { finish_reason: null } : {}) }));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.tasks[0]).toMatchObject({ kind: "planner", status: "completed", attempts: 2 });
    await expectExactBill(run);
  });
});

describe("an executor whose call of a tool is wrong", () => {
  /** The first calls of the first executor are these; what follows is played as ever. */
  const callFirst = (...calls: [name: string, values: string][]): Script => {
    const left = [...calls];
    return (request) => {
      const next = roleOf(request) === "executor" ? left.shift() : undefined;
      if (next === undefined) return playRoles(request);
      return { kind: "answer", content: null, tool_calls: [{ name: next[0], arguments: next[1] }] };
    };
  };

  test("is told so each time, and may go on", async () => {
    const mistakes: [name: string, values: string, told: string][] = [
      ["execute_javascript", '{"source":"1"}', "invalid_arguments"],
      ["write_file", '{"path":5,"content":null}', "invalid_arguments"],
      ["write_file", '{"path":"../../etc/passwd","content":"x"}', "invalid_arguments"],
      ["send_email", "{}", "unknown_tool"],
      ["read_file", '{"path":"nothing.txt"}', "not-found"],
      ["execute_javascript", '{"code":"throw new Error(\\"boom\\")"}', "boom"],
      ["execute_javascript", '{"code":"1 + 1"}', "output"],
    ];
    model.play(callFirst(...mistakes.map(([name, values]): [string, string] => [name, values])));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.status).toBe("completed");
    const told = model.recent().map(({ request }) => JSON.stringify(request.messages.findLast(({ role }) => role === "tool")));
    expect(told.slice(2, 2 + mistakes.length)).toEqual(mistakes.map(([, , reason]) => expect.stringContaining(reason)));
    await expectExactBill(run);
  });

  test("with arguments that are no JSON is asked again, and shown what it wrote", async () => {
    model.play(callFirst(["execute_javascript", '{"code": output(1)']));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.status).toBe("completed");
    const again = model.recent()[2];
    expect(again === undefined ? "" : textOf(again.request)).toContain("were not a JSON object");
    await expectExactBill(run);
  });

  test("again and again is stopped", async () => {
    model.play((request) =>
      roleOf(request) === "executor"
        ? { kind: "answer", content: null, tool_calls: [{ name: "read_file", arguments: '{"path":"nothing.txt"}' }] }
        : playRoles(request),
    );

    const run = await pursueGoal(person, "What is six times seven?", { max_replans: 0 });

    expect(run).toMatchObject({ status: "failed", error: { code: "too-many-turns" } });
    expect(run.tasks.map(({ status }) => status)).toEqual(["completed", "failed", "cancelled"]);
    await expectExactBill(run);
  });
});

describe("a task that fails", () => {
  test("fails with its own reason, and what depends on it is not begun", async () => {
    const failure = answer({ status: "failure", output: { result: null, details: "" }, error: "The column age does not exist." });
    model.play((request) => (roleOf(request) === "executor" ? failure : playRoles(request)));

    const run = await pursueGoal(person, "What is six times seven?", { max_replans: 0 });

    expect(run).toMatchObject({ status: "failed", error: { code: "task-failed" } });
    expect(run.tasks.slice(1)).toMatchObject([
      { status: "failed", error: { code: "task-failed", detail: "The column age does not exist." } },
      { status: "cancelled", attempts: 0 },
    ]);
    expect(rolesAsked()).toEqual(["planner", "executor"]);
    await expectExactBill(run);
  });
});

describe("memories", () => {
  const memoriesIn = (text: string | undefined): string => /```+memories\\n(.*?)\\n```+/s.exec(text ?? "")?.[1] ?? "";
  const plannerSaw = (): string => memoriesIn(model.recent().map(({ request }) => textOf(request))[0]);

  test("of a like goal are told to the next planner, and to nobody else's", async () => {
    const stranger = await signUp(server.url, `stranger-${people}`);
    const goal = "How many quinces fit into the medlar basket?";
    const run = await pursueGoal(person, goal);
    expect(plannerSaw()).not.toContain("quinces");

    model.play();
    const again = await pursueGoal(person, "Count the quinces for the medlar basket");
    const seen = plannerSaw();
    const [recall] = (await readFacts(person, again.id)).filter((fact) => fact["kind"] === "recall");
    model.play();
    await pursueGoal(stranger, "Count the quinces for the medlar basket");

    expect(run.memories).toHaveLength(1);
    expect(run.memories[0]?.content).toContain(goal);
    expect(seen).toContain(`Goal: ${goal}`);
    expect(recall).toMatchObject({ type: "effect-answered", state: "done" });
    expect(plannerSaw()).not.toContain("basket?");
  });

  test("that are sensitive are told to no model", async () => {
    await person.post("/v1/memories", { content: "The quince password is hunter2", is_sensitive: true }, z.unknown());
    await person.post("/v1/memories", { content: "The quince harvest is in October" }, z.unknown());

    await pursueGoal(person, "What is known about the quince?");

    expect(plannerSaw()).toContain("October");
    expect(JSON.stringify(model.recent())).not.toContain("hunter2");
  });
});
