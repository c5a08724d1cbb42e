import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answer, type FakeReply, playRoles, roleOf } from "../fakes/openai-replies.ts";
import { pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { first, type Model, startModel, textOf } from "./start-model.ts";
import { startServer, type TestServer } from "./start-server.ts";

let model: Model;
let server: TestServer;
let person: Person;

beforeAll(async () => {
  model = await startModel();
  server = await startServer(model.settings);
}, 60_000);
beforeEach(async ({ task }) => {
  model.play();
  // Agents that fail again and again rest for a while: nobody shall wait for those of the test before.
  person = await signUp(server.url, `somebody-${task.id.replaceAll(/\W/g, "-")}`);
});
afterEach(() => expectNoFault());
afterAll(async () => {
  await server.close();
  await model.close();
});

/** A bad answer is the model's fault alone: we asked as the vendor wants it, and stay well. */
function expectNoFault(): void {
  expect(model.problems).toEqual([]);
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

type Task = { id: string; dependencies?: string[]; required_capabilities?: string[] };

function plan(...tasks: Task[]): FakeReply {
  const filled = tasks.map((task) => ({
    name: `Task ${task.id}`,
    description: `Do ${task.id}`,
    required_capabilities: [],
    dependencies: [],
    estimated_duration_seconds: 1,
    complexity: "low",
    fallback_strategy: "fail",
    ...task,
  }));
  return answer({ tasks: filled, risks: [] });
}

const many = (count: number): Task[] => Array.from({ length: count }, (_, index) => ({ id: `t${index}` }));
const chain = (length: number): Task[] =>
  many(length).map((task, index) => ({ ...task, dependencies: index === 0 ? [] : [`t${index - 1}`] }));

const BAD_PLANS: [string, FakeReply, string][] = [
  [
    "a cycle",
    plan({ id: "a", dependencies: ["c"] }, { id: "b", dependencies: ["a"] }, { id: "c", dependencies: ["b"] }),
    "The dependencies form a cycle: a → c → b → a",
  ],
  ["a task that waits for itself", plan({ id: "a", dependencies: ["a"] }), 'Task "a" depends on itself'],
  ["an unknown dependency", plan({ id: "a", dependencies: ["z"] }), 'Task "a" depends on "z", which is not in the plan'],
  ["the same id twice", plan({ id: "a" }, { id: "a" }), 'Task id "a" is used more than once'],
  ["201 tasks", plan(...many(201)), "The plan has 201 tasks; at most 200 are allowed"],
  ["51 levels", plan(...chain(51)), "The plan is 51 levels deep; at most 50 are allowed"],
  [
    "a tool that does not exist",
    plan({ id: "a", required_capabilities: ["send_email"] }),
    'Task "a" requires "send_email"; the tools are: ',
  ],
  ["no tasks", answer({ tasks: [], risks: [] }), "Your answer did not match the schema:\n- tasks: "],
];

describe("a plan", () => {
  test.for(BAD_PLANS)(
    "with %s goes back to the planner three times, twice over, and fails the run with exactly that",
    async ([, bad, reason]) => {
      model.play(() => bad);

      const run = await pursueGoal(person, "What is six times seven?");

      expect(run).toMatchObject({ status: "failed", error: { code: "invalid-answer", detail: expect.stringContaining(reason) } });
      expect(run.tasks).toMatchObject([{ kind: "planner", status: "failed", attempts: 2 }]);
      expect(model.recent()).toHaveLength(6);
      const told = model.recent().map(({ request }) => textOf(request).split(JSON.stringify(reason).slice(1, -1)).length - 1);
      expect(told).toEqual([0, 1, 2, 0, 1, 2]);
    },
  );

  test("that is mended after it was told what is wrong is carried out", async () => {
    const [, cyclic] = BAD_PLANS[0] ?? [];
    model.play(first(cyclic === undefined ? [] : [cyclic]));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.status).toBe("completed");
    expect(run.tasks[0]).toMatchObject({ kind: "planner", attempts: 1 });
    expect(
      model
        .recent()
        .map(({ request }) => roleOf(request))
        .slice(0, 3),
    ).toEqual(["planner", "planner", "executor"]);
  });

  test("of fifty tasks side by side is carried out, each once", async () => {
    model.play((request) => {
      if (roleOf(request) === "planner") return plan(...many(50));
      return roleOf(request) === "executor"
        ? answer({ status: "success", output: { result: 1, details: "" }, error: "" })
        : playRoles(request);
    });

    const run = await pursueGoal(person, "Fifty things");

    expect(run.status).toBe("completed");
    expect(run.tasks.filter(({ kind, status, attempts }) => kind === "executor" && status === "completed" && attempts === 1)).toHaveLength(
      50,
    );
    expect(model.recent()).toHaveLength(53);
    const numbers = (await readFacts(person, run.id)).map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

describe("an answer that is not JSON", () => {
  const prose: FakeReply = { kind: "answer", content: "Sure! Here is what you asked for." };
  const reason = "Your answer was not valid JSON. Answer again with the JSON object only.";

  test.for(["planner", "executor", "critic", "summarizer"])(
    "from the %s fails the run with that reason, after it was told so",
    async (role) => {
      model.play((request) => (roleOf(request) === role ? prose : playRoles(request)));

      const run = await pursueGoal(person, "What is six times seven?");

      expect(run.status).toBe("failed");
      const failed = run.tasks.find(({ status }) => status === "failed");
      expect(failed).toMatchObject({ kind: role, attempts: 2, error: { code: "invalid-answer", detail: reason } });
      expect(run.error?.detail).toContain(role === "executor" ? "" : reason);
      expect(model.recent().filter(({ request }) => roleOf(request) === role)).toHaveLength(6);
    },
  );

  test("but holds JSON between fences, with white space around it, is taken", async () => {
    const content = '\n```json\n{"approved":true,"overall_score":9,"issues":[],"strengths":[]}\n```\n ';
    model.play((request) => (roleOf(request) === "critic" ? { kind: "answer", content } : playRoles(request)));

    const run = await pursueGoal(person, "What is six times seven?");

    expect(run.status).toBe("completed");
    expect(model.recent().filter(({ request }) => roleOf(request) === "critic")).toHaveLength(1);
  });
});

describe("text that a database cannot keep", () => {
  const strange = "a\u0000b\ud800c \u202e \ufeff 💥";
  const planOne = plan({ id: "a" });
  const reportStrange = answer({ status: "success", output: { result: { [strange]: strange }, details: strange }, error: "" });

  test("does no harm in a model's answers, nor in what a program puts out", async () => {
    const program = `output({ ${JSON.stringify(strange)}: ${JSON.stringify(strange)} })`;
    const callProgram: FakeReply = {
      kind: "answer",
      tool_calls: [{ name: "execute_javascript", arguments: JSON.stringify({ code: program }) }],
    };
    model.play((request) => {
      if (roleOf(request) === "planner") return planOne;
      if (roleOf(request) === "executor") return request.messages.at(-1)?.role === "tool" ? reportStrange : callProgram;
      return roleOf(request) === "summarizer" ? answer({ summary: strange, key_points: [strange], confidence: 1 }) : playRoles(request);
    });

    const run = await pursueGoal(person, "Say something strange");

    expect(run.error).toBeNull();
    expect(run.result).toMatchObject({ summary: "a\uFFFDb\uFFFDc \u202e \ufeff 💥" });
  });

  test("does no harm as the reason of a failure", async () => {
    const failure = answer({ status: "failure", output: { result: null, details: "" }, error: `${"x".repeat(3_999)}💥${strange}` });
    model.play((request) => {
      if (roleOf(request) === "planner") return planOne;
      return roleOf(request) === "executor" ? failure : playRoles(request);
    });

    const run = await pursueGoal(person, "Fail in a strange way");

    expect(run.tasks[1]?.error?.detail).toMatch(/^x{3999}/);
  });

  test("is not what is made of a goal that is cut between the halves of a character", async () => {
    model.play((request) => {
      if (roleOf(request) === "planner") return planOne;
      return roleOf(request) === "executor" ? reportStrange : playRoles(request);
    });

    for (const length of [999, 1_999]) expect((await pursueGoal(person, `${"x".repeat(length)}💥`)).error).toBeNull();
  });
});

describe("a large result", () => {
  const sayOnce = (text: string): void =>
    model.play((request) => {
      if (roleOf(request) === "planner") return plan({ id: "a" }, { id: "b", dependencies: ["a"] });
      const result = textOf(request).includes("Do a") ? text : 1;
      return roleOf(request) === "executor"
        ? answer({ status: "success", output: { result, details: "" }, error: "" })
        : playRoles(request);
    });

  test("is kept whole, and handed on", async () => {
    const large = "quince ".repeat(28_000);
    sayOnce(large);

    const run = await pursueGoal(person, "Say a lot");

    expect(run.error).toBeNull();
    expect(run.tasks[1]?.result).toBe(large);
    expect(model.recent().map(({ request }) => textOf(request).includes(large))).toEqual([false, false, true, true, true]);
  });

  test("that is larger than what is kept fails its task with that reason", async () => {
    sayOnce("quince ".repeat(30_000));

    const run = await pursueGoal(person, "Say too much");

    expect(run.tasks[1]).toMatchObject({ status: "failed", error: { code: "result-too-large" } });
  });
});
