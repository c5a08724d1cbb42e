import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, type FakeReply, playRoles, readBlock, readUser, roleOf, type Script } from "../fakes/openai-replies.ts";
import { postGoal, pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { type Model, startModel } from "./start-model.ts";
import { startServer, type TestServer } from "./start-server.ts";

let model: Model;
let server: TestServer;
let person: Person;

beforeAll(async () => {
  model = await startModel();
  server = await startServer(model.settings);
  person = await signUp(server.url, "somebody");
}, 60_000);
afterAll(async () => {
  await server.close();
  await model.close();
});

const task = (id: string, name: string, dependencies: string[]) => ({
  id,
  name,
  description: name,
  required_capabilities: [],
  dependencies,
  estimated_duration_seconds: 1,
  complexity: "low",
  fallback_strategy: "fail",
});
const planOf = (...tasks: object[]): FakeReply => answer({ tasks, risks: [] });
const succeed = (result: string): FakeReply => answer({ status: "success", output: { result, details: "" }, error: "" });
const reject = (description: string): FakeReply =>
  answer({
    approved: false,
    overall_score: 3,
    issues: [{ severity: "high", category: "correctness", description, location: "task 1", suggestion: "" }],
    strengths: [],
  });

/** Plays roles by these parts, and what they do not play as a model does. `reviews` are given in turn; then it approves. */
function play(parts: { replan?: (user: string) => FakeReply; execute?: (user: string) => FakeReply; reviews?: FakeReply[] }): void {
  const reviews = [...(parts.reviews ?? [])];
  const script: Script = (request) => {
    const user = readUser(request);
    switch (roleOf(request)) {
      case "planner":
        return planOf(task("a", "Count", []), task("b", "Write", ["a"]));
      case "replanner":
        return parts.replan?.(user) ?? planOf(task("c", "Correct", ["done-1"]));
      case "executor":
        return parts.execute?.(user) ?? succeed("done");
      case "critic":
        return reviews.shift() ?? playRoles(request);
      default:
        return playRoles(request);
    }
  };
  model.play(script);
}

const asked = (role: string): string[] =>
  model.recent().flatMap(({ request }) => (request !== undefined && roleOf(request) === role ? [readUser(request)] : []));

describe("a critic that rejects once and then approves", () => {
  test("lets the run be planned again with what it said: what was done is not done again, and may be built upon", async () => {
    play({ reviews: [reject("The count leaves out the header")] });

    const run = await pursueGoal(person, "Count and write");

    const replans = [{ cause: "rejection", detail: "rejected-by-critic: The count leaves out the header" }];
    expect(run).toMatchObject({ status: "completed", error: null, replans, replans_left: 0 });
    expect(
      run.tasks.map(({ kind, ordinal, name, depends_on, status, attempts }) => [kind, ordinal, name, depends_on, status, attempts]),
    ).toEqual([
      ["planner", 0, "Plan the goal", [], "completed", 1],
      ["executor", 1, "Count", [], "completed", 1],
      ["executor", 2, "Write", [1], "completed", 1],
      ["critic", 0, "Review the results", [], "completed", 1],
      ["planner", 0, "Plan again", [], "completed", 1],
      ["executor", 3, "Correct", [1], "completed", 1],
      ["critic", 0, "Review the results", [], "completed", 1],
      ["summarizer", 0, "Summarize the run", [], "completed", 1],
    ]);
    const [replanner = ""] = asked("replanner");
    expect(readBlock(replanner, "reasons")).toBe('{"cause":"rejection","detail":"rejected-by-critic: The count leaves out the header"}');
    expect(readBlock(replanner, "tasks").split("\n")).toHaveLength(2);
    expect(readBlock(replanner, "inputs")).toContain('"done"');
    expect(asked("executor")).toHaveLength(3);
    expect(readBlock(asked("executor").at(-1) ?? "", "inputs")).toContain('"ordinal":1');
  });

  test("is told in the log, and the run replays as it was", async () => {
    play({ reviews: [reject("The count leaves out the header")] });
    const run = await pursueGoal(person, "Count and write");

    const facts = await readFacts(person, run.id);
    expect(facts.find(({ type }) => type === "replanned")).toMatchObject({ cause: "rejection", left: 0 });
    expect(facts.flatMap((fact) => (fact.type === "phase-started" ? [fact["phase"]] : []))).toEqual([
      "plan",
      "execute",
      "review",
      "plan",
      "execute",
      "review",
      "summarize",
    ]);
    expect((await person.call("GET", `/v1/runs/${run.id}/replay`)).body).toMatchObject({ outcome: "same" });
  });
});

describe("a critic that is never satisfied", () => {
  test("fails the run after as many plans as were allowed, with all that it said", async () => {
    play({ reviews: ["first", "second", "third", "fourth"].map((text) => reject(`The ${text} fault`)) });

    const run = await pursueGoal(person, "Count and write", { max_replans: 2 });

    expect(run).toMatchObject({ status: "failed", error: { code: "rejected-by-critic" } });
    expect(run.error?.detail).toBe(
      "The third fault (after 2 earlier plans: 1. rejected-by-critic: The first fault; 2. rejected-by-critic: The second fault)",
    );
    expect([asked("planner"), asked("replanner"), asked("critic")].map((calls) => calls.length)).toEqual([1, 2, 3]);
    expect(run.tasks.filter(({ kind }) => kind === "executor").map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4]);
  });

  test("fails it at once where no other plan is allowed", async () => {
    play({ reviews: [reject("A fault")] });

    const run = await pursueGoal(person, "Count and write", { max_replans: 0 });

    expect(run).toMatchObject({ status: "failed", error: { code: "rejected-by-critic", detail: "A fault" } });
    expect(asked("replanner")).toEqual([]);
  });
});

describe("a task that fails for good", () => {
  test("lets the run be planned around it: the planner is told why, and what waited for it is cancelled", async () => {
    const failure = answer({ status: "failure", output: { result: null, details: "" }, error: "task-failed: there is no such file" });
    play({
      execute: (user) => (readBlock(user, "task").includes("Write") ? failure : succeed("done")),
      replan: () => planOf(task("c", "Another way", ["done-1"])),
    });

    const run = await pursueGoal(person, "Count and write");

    expect(run).toMatchObject({ status: "completed", error: null });
    expect(run.tasks.filter(({ kind }) => kind === "executor").map(({ name, status }) => [name, status])).toEqual([
      ["Count", "completed"],
      ["Write", "failed"],
      ["Another way", "completed"],
    ]);
    expect(readBlock(asked("replanner")[0] ?? "", "reasons")).toContain("Task 2 (Write): there is no such file");
    expect(readBlock(asked("critic")[0] ?? "", "tasks")).not.toContain("Write");
  });
});

describe("another plan that cannot be carried out", () => {
  test("goes back to its planner with what is wrong: what did not complete cannot be built upon", async () => {
    const replies = [
      planOf(task("c", "Correct", ["done-9"])),
      planOf(task("done-1", "Correct", [])),
      planOf(task("c", "Correct", ["done-2"])),
    ];
    play({ reviews: [reject("A fault")], replan: () => replies.shift() ?? planOf() });

    const run = await pursueGoal(person, "Count and write");

    expect(run.status).toBe("completed");
    const last = asked("replanner").at(-1) ?? "";
    expect(last).toContain('depends on "done-9", which is not in the plan');
    expect(last).toContain('Task id "done-1" is the name of a task that has completed');
  });
});

test("more plans than anybody should pay for are not allowed", async () => {
  for (const max_replans of [-1, 6, 1.5, "1"]) {
    expect((await person.call("POST", "/v1/tasks", { body: { goal: "x", max_replans } })).status).toBe(400);
  }
  await expect(postGoal(person, "x", { max_replans: 5 })).resolves.toBeDefined();
});
