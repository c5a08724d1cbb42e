import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "somebody");
}, 60_000);
afterAll(() => server.close());

const task = (id: string, description: string, policy: object, dependencies: string[] = []) => ({
  id,
  name: description,
  description,
  dependencies,
  policy,
});
const test42 = (code: string) => ({ acceptance: [{ kind: "sandbox_test", code }], retry: { max_attempts: 1 } });

describe("a program that tests a result in the sandbox", () => {
  test("lets it count when it hands out true", async () => {
    const run = await pursueGoal(person, "a product", {
      tasks: [task("a", "Compute 6 * 7", test42('output(JSON.stringify(input).includes("42"))'))],
    });

    expect(run).toMatchObject({ status: "completed" });
    const facts = await readFacts(person, run.id);
    expect(facts.filter(({ type }) => type === "effect-answered").map((fact) => fact["by"])).toContain("execute_javascript");
  });

  test.each([
    ["it hands out a reason", 'output("not what was asked for")', "not what was asked for"],
    ["it hands out something else", "output(1)", "the test handed out 1"],
    ["it hands out nothing", "1 + 1", "no_output"],
    ["it breaks", "throw new Error('broken')", "broken"],
    ["it never ends", "for (;;) {}", "timeout"],
  ])(
    "keeps it from counting when %s",
    async (_, code, reason) => {
      const run = await pursueGoal(person, "a product", { tasks: [task("a", "Compute 6 * 7", test42(code))] });

      expect(run).toMatchObject({ status: "failed", error: { code: "acceptance-failed" } });
      const failed = (await readFacts(person, run.id)).find(({ type }) => type === "check-failed");
      expect(failed).toMatchObject({ kind: "sandbox_test", advisory: false, reason: expect.stringContaining(reason) });
    },
    60_000,
  );
});

describe("an assertion in SQL", () => {
  const asserting = (query: string) => ({ acceptance: [{ kind: "sql_assertion", query }], retry: { max_attempts: 1 } });

  test("lets a result count when it holds", async () => {
    const run = await pursueGoal(person, "a product", {
      tasks: [task("a", "Compute 6 * 7", asserting("SELECT value LIKE '%42%' FROM result"))],
    });

    expect(run).toMatchObject({ status: "completed" });
    const facts = await readFacts(person, run.id);
    expect(facts.filter(({ type }) => type === "effect-answered").map((fact) => fact["by"])).toContain("assert_sql");
  });

  test.each([
    ["it does not hold", "SELECT value LIKE '%43%' FROM result", "false"],
    ["it is no SQL", "is it 42?", "syntax error"],
  ])("keeps it from counting when %s", async (_, query, reason) => {
    const run = await pursueGoal(person, "a product", { tasks: [task("a", "Compute 6 * 7", asserting(query))] });

    expect(run).toMatchObject({ status: "failed", error: { code: "acceptance-failed" } });
    const failed = (await readFacts(person, run.id)).find(({ type }) => type === "check-failed");
    expect(failed).toMatchObject({ kind: "sql_assertion", advisory: false, reason: expect.stringContaining(reason) });
  });
});

test("a task that is skipped lets the others go on", async () => {
  const impossible = { fallback: { kind: "skip" }, retry: { max_attempts: 2, backoff_seconds: 1, retryable_codes: ["acceptance-failed"] } };
  const policy = { ...impossible, acceptance: [{ kind: "comparison", operator: "equals", value: "never this" }] };
  const run = await pursueGoal(person, "sums", { tasks: [task("a", "Compute 1 + 1", policy), task("b", "Compute 2 + 2", {}, ["a"])] });

  const types = (await readFacts(person, run.id)).map(({ type }) => type);
  expect(types).toContain("task-retried");
  expect(types).toContain("task-skipped");
  expect(run.tasks.filter(({ kind }) => kind === "executor").map(({ status }) => status)).toEqual(["completed", "completed"]);
}, 60_000);
