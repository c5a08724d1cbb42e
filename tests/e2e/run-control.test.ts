import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseUsd } from "../../shared/platform/money.ts";
import { answer, type FakeReply, playRoles, roleOf } from "../fakes/openai-replies.ts";
import { until } from "./dev-process.ts";
import { type HeldBack, holdBack } from "./hold-back.ts";
import { expectProblem } from "./problem.ts";
import { followUntil, getRun, postGoal, pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { type Model, startModel } from "./start-model.ts";
import { startServer, type TestServer } from "./start-server.ts";

let model: Model;
let server: TestServer;
let person: Person;
let held: HeldBack | undefined;

beforeAll(async () => {
  model = await startModel();
  server = await startServer(model.settings);
  person = await signUp(server.url, "somebody");
}, 60_000);
beforeEach(() => model.play());
afterEach(() => {
  held?.release();
  expectNoFault();
});
afterAll(async () => {
  await server.close();
  await model.close();
});

function expectNoFault(): void {
  expect(model.problems).toEqual([]);
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}

const control = (runId: string, verb: "cancel" | "pause" | "resume", body: object = {}) =>
  person.call("POST", `/v1/runs/${runId}/${verb}`, { body });
const statusesOf = async (runId: string) => (await getRun(person, runId)).tasks.map(({ kind, status }) => `${kind} ${status}`);
const rolesAsked = () => model.recent().map(({ request }) => roleOf(request));

/** A run that waits for the answer to its first call of this role. */
async function startHeld(role: string, more: object = {}): Promise<{ runId: string; taskId: string; call: HeldBack }> {
  const call = holdBack(role);
  held = call;
  model.play(call.script);
  const started = await postGoal(person, "What is six times seven?", more);
  await call.asked;
  return { ...started, call };
}

describe("a run that is cancelled", () => {
  test("while a model is asked ends at once: its tasks are cancelled, the call is broken off, nothing more is begun", async () => {
    const { runId, call } = await startHeld("executor");

    const reply = await control(runId, "cancel");

    expect({ status: reply.status, body: reply.body }).toEqual({ status: 200, body: { run_id: runId, status: "cancelled" } });
    expect(await statusesOf(runId)).toEqual(["planner completed", "executor cancelled", "executor cancelled"]);
    await until("the call is broken off and accounted for", async () => (await getRun(person, runId)).budget.held_usd === "0");
    call.release();
    expect(rolesAsked()).toEqual(["planner", "executor"]);
    const facts = await readFacts(person, runId);
    expect(facts.slice(-4).map(({ type }) => type)).toEqual(["task-cancelled", "task-cancelled", "run-cancelled", "effect-answered"]);
    expect(facts.slice(-2)).toMatchObject([{ by: person.id }, { state: "late" }]);
  });

  test("is booked for a call that was broken off as if it had been answered at length: nobody knows what it cost", async () => {
    const { runId } = await startHeld("planner");
    const { budget } = await getRun(person, runId);

    await control(runId, "cancel");
    await until("the call is accounted for", async () => (await getRun(person, runId)).budget.held_usd === "0");

    expect((await getRun(person, runId)).budget).toEqual({ ...budget, spent_usd: budget.held_usd, held_usd: "0" });
  });

  test("by its goal's task is the same", async () => {
    const { runId, taskId } = await startHeld("planner");

    const reply = await person.call("POST", `/v1/tasks/${taskId}/cancel`);

    const body = { task_id: taskId, run_id: runId, status: "cancelled", is_paused: false };
    expect({ status: reply.status, body: reply.body }).toEqual({ status: 200, body });
    expect((await person.call("GET", `/v1/tasks/${taskId}`)).body).toMatchObject({ kind: "goal", status: "cancelled" });
  });

  test("by a task inside of it is refused", async () => {
    const { runId } = await startHeld("executor");
    const [planner] = (await getRun(person, runId)).tasks;

    expectProblem(await person.call("POST", `/v1/tasks/${planner?.id}/cancel`), 409, "conflict");
    expect((await control(runId, "cancel")).status).toBe(200);
  });

  test("before it began never begins", async () => {
    const call = holdBack("planner");
    held = call;
    model.play(call.script);
    const { runId } = await postGoal(person, "What is six times seven?");
    expect((await control(runId, "cancel")).status).toBe(200);
    call.release();

    await pursueGoal(person, "What is seven times six?");

    const asked = rolesAsked();
    expect(await getRun(person, runId)).toMatchObject({ status: "cancelled", budget: { held_usd: "0" } });
    expect(asked.filter((role) => role !== "planner")).toHaveLength(6);
  });

  test("while it is paused ends", async () => {
    const { runId, call } = await startHeld("executor");
    await control(runId, "pause");
    call.release();

    expect((await control(runId, "cancel")).status).toBe(200);
    expectProblem(await control(runId, "resume"), 409, "conflict");
    expect((await getRun(person, runId)).status).toBe("cancelled");
  });
});

describe("one task of a plan", () => {
  test("is paused, resumed and cancelled by itself, and says precisely what it cannot", async () => {
    const { runId, call } = await startHeld("executor");
    const [, task] = (await getRun(person, runId)).tasks;
    const on = (verb: "cancel" | "pause" | "resume") => person.call("POST", `/v1/tasks/${task?.id}/${verb}`);
    const told = { task_id: task?.id, run_id: runId };

    expect(expectProblem(await on("resume"), 409, "conflict").detail).toBe("The task is not paused, so it cannot be resumed");
    expect((await on("pause")).body).toEqual({ ...told, status: "in_progress", is_paused: true });
    expect(expectProblem(await on("pause"), 409, "conflict").detail).toBe("The task is paused already");
    call.release();
    await until("the answer under way is kept", async () => (await getRun(person, runId)).budget.held_usd === "0");
    expect(await statusesOf(runId)).toContain("executor in_progress");
    expect((await on("resume")).body).toEqual({ ...told, status: "in_progress", is_paused: false });
    await followUntil(person, runId);

    expect((await getRun(person, runId)).status).toBe("completed");
    expect(expectProblem(await on("cancel"), 409, "conflict").detail).toBe("The run is completed already");
  });

  test("that is cancelled breaks its call off, and takes with it what needs it", async () => {
    const { runId, call } = await startHeld("executor");
    const [, task] = (await getRun(person, runId)).tasks;

    expect((await person.call("POST", `/v1/tasks/${task?.id}/cancel`)).status).toBe(200);
    await followUntil(person, runId);
    await until("the call is broken off and accounted for", async () => (await getRun(person, runId)).budget.held_usd === "0");
    call.release();

    expect(await statusesOf(runId)).toEqual(["planner completed", "executor cancelled", "executor cancelled"]);
    expect(await getRun(person, runId)).toMatchObject({ status: "failed", error: { code: "task-cancelled" } });
  });
});

describe("a run that has ended", () => {
  test("cannot be cancelled, paused or resumed", async () => {
    const completed = await pursueGoal(person, "What is six times seven?");
    model.play(() => ({ kind: "error", status: 400 }));
    const failed = await pursueGoal(person, "What is six times seven?");
    model.play();
    const { runId: cancelled } = await postGoal(person, "What is six times seven?");
    await control(cancelled, "cancel");

    for (const [id, status] of [
      [completed.id, "completed"],
      [failed.id, "failed"],
      [cancelled, "cancelled"],
    ] as const) {
      const before = await getRun(person, id);
      expect(before.status).toBe(status);
      for (const verb of ["cancel", "pause", "resume"] as const) {
        expect(expectProblem(await control(id, verb), 409, "conflict").detail).toContain(status);
      }
      expectProblem(await person.call("POST", `/v1/tasks/${before.task_id}/cancel`), 409, "conflict");
      expect(await getRun(person, id)).toEqual(before);
    }
  });
});

describe("a run that is paused", () => {
  test("keeps the answer that was under way, begins nothing more, and goes on without paying twice", async () => {
    const { runId, call } = await startHeld("executor");

    const paused = await control(runId, "pause");
    call.release();
    await until("the answer is kept", async () => (await getRun(person, runId)).budget.held_usd === "0");
    const asked = rolesAsked();
    const facts = await readFacts(person, runId);
    const resumed = await control(runId, "resume");
    await followUntil(person, runId);

    expect([paused.body, resumed.body]).toEqual([
      { run_id: runId, status: "paused" },
      { run_id: runId, status: "running" },
    ]);
    expect(asked).toEqual(["planner", "executor"]);
    expect(facts.slice(-2)).toMatchObject([
      { type: "run-paused", reason: `by ${person.id}` },
      { type: "effect-answered", state: "done" },
    ]);
    expect(await getRun(person, runId)).toMatchObject({ status: "completed", usage: [{ calls: 7 }] });
    expect(rolesAsked()).toHaveLength(7);
  });

  test("cannot be paused again, nor can one that goes on be resumed", async () => {
    const { runId } = await startHeld("planner");

    expectProblem(await control(runId, "resume"), 409, "conflict");
    expect((await control(runId, "pause")).status).toBe(200);
    expectProblem(await control(runId, "pause"), 409, "conflict");
    expect((await control(runId, "cancel")).status).toBe(200);
  });

  test("takes files, the last of one name, which are there when it goes on", async () => {
    const { runId, call } = await startHeld("planner");
    await control(runId, "pause");

    const first = await person.call("PUT", `/v1/runs/${runId}/files/late/quince.txt`, { body: "" });
    const stored = await person.call("PUT", `/v1/runs/${runId}/files/late/quince.txt`, { body: "medlar" });
    call.release();
    await control(runId, "resume");
    await followUntil(person, runId);

    expect([first.body, stored.body]).toEqual([0, 6].map((bytes) => ({ path: "late/quince.txt", bytes })));
    expect((await person.call("GET", `/v1/runs/${runId}/files`)).body).toEqual({
      files: [
        { path: "late/quince.txt", bytes: 6 },
        { path: "report.md", bytes: 28 },
      ],
    });
  });
});

describe("a budget", () => {
  const NANO = "0.000000001";
  const less = (usd: string): string => `0.${String(parseUsd(usd) - parseUsd(NANO)).padStart(9, "0")}`;
  /** A plan that costs more than half of what was held for it. */
  const dearPlan = (request: Parameters<typeof playRoles>[0]): FakeReply => ({
    ...playRoles(request),
    ...(roleOf(request) === "planner" ? { usage: { prompt_tokens: 3_000, completion_tokens: 12_000 } } : {}),
  });

  /** What is held for the first call of a run. */
  let limit = "";
  beforeAll(async () => {
    const { runId } = await startHeld("planner");
    limit = (await getRun(person, runId)).budget.held_usd;
    await control(runId, "cancel");
  });

  function expectKept({ limit_usd, spent_usd, held_usd }: { limit_usd: string | null; spent_usd: string; held_usd: string }): void {
    expect(parseUsd(spent_usd) + parseUsd(held_usd)).toBeLessThanOrEqual(parseUsd(limit_usd ?? "0"));
  }

  test("that is a nano-dollar short of the first call pauses the run before anything is spent", async () => {
    const short = less(limit);

    const { runId } = await postGoal(person, "What is six times seven?", { budget_usd: short });
    const facts = await followUntil(person, runId, "inbox-item-opened");

    expect(facts.slice(-2)).toMatchObject([
      { type: "run-paused", reason: "budget" },
      { type: "inbox-item-opened", kind: "question" },
    ]);
    expect(await getRun(person, runId)).toMatchObject({ status: "paused", budget: { limit_usd: short, spent_usd: "0", held_usd: "0" } });
    expect(model.recent()).toEqual([]);
  });

  test("that covers one call and not the next pauses the run between them, and a higher one lets it complete", async () => {
    model.play(dearPlan);

    const { runId } = await postGoal(person, "What is six times seven?", { budget_usd: limit });
    const facts = await followUntil(person, runId, "inbox-item-opened");
    const paused = await getRun(person, runId);
    const tooLow = await control(runId, "resume", { budget_usd: NANO });
    const asked = rolesAsked();
    await control(runId, "resume", { budget_usd: "1" });
    await followUntil(person, runId);
    const run = await getRun(person, runId);

    expect(facts.slice(-2)).toMatchObject([
      { type: "run-paused", reason: "budget" },
      { type: "inbox-item-opened", kind: "question" },
    ]);
    expect(paused).toMatchObject({ status: "paused", budget: { limit_usd: limit, held_usd: "0" } });
    expectKept(paused.budget);
    expectProblem(tooLow, 409, "conflict");
    expect(asked).toEqual(["planner"]);
    expect(run).toMatchObject({ status: "completed", usage: [{ calls: 7 }], budget: { limit_usd: "1", held_usd: "0" } });
    expect(parseUsd(run.budget.spent_usd)).toBe(model.bill().cost_nano_dollars);
    expect((await readFacts(person, runId)).filter(({ type }) => type === "run-resumed")).toMatchObject([{ budget_usd: "1" }]);
  });

  test("is not overshot by tasks that begin at the same time", async () => {
    const task = (id: string) => ({
      id,
      name: id,
      description: id,
      required_capabilities: [],
      dependencies: [],
      estimated_duration_seconds: 1,
      complexity: "low",
      fallback_strategy: "fail",
    });
    const wide = answer({ tasks: Array.from({ length: 5 }, (_, index) => task(`t${index}`)), risks: [] });
    model.play((request) => (roleOf(request) === "planner" ? wide : playRoles(request)));

    const { runId } = await postGoal(person, "Five things", { budget_usd: limit });
    await followUntil(person, runId, "inbox-item-opened");
    const seen = await getRun(person, runId);
    expectKept(seen.budget);
    expect(seen.status).toBe("paused");
    expect(rolesAsked().filter((role) => role === "executor").length).toBeLessThan(5);
    await control(runId, "resume", { budget_usd: "5" });
    await followUntil(person, runId);

    const run = await getRun(person, runId);
    expect(run).toMatchObject({ status: "completed", budget: { held_usd: "0" } });
    expect(parseUsd(run.budget.spent_usd)).toBe(model.bill().cost_nano_dollars);
  });

  test("that is no amount is refused, and the run stays as it is", async () => {
    const { runId } = await startHeld("planner");
    await control(runId, "pause");

    for (const budget of ["-1", "1e3", "", "free", 5, null]) expectProblem(await control(runId, "resume", { budget_usd: budget }), 400);
    expect(await getRun(person, runId)).toMatchObject({ status: "paused", budget: { limit_usd: "5" } });
    await control(runId, "cancel");
  });
});
