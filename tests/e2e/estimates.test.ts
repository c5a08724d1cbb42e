import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PlanPreview, TaskDependencies } from "../../shared/orchestration/contracts/plans.ts";
import { pursueGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
let stranger: Person;
beforeAll(async () => {
  server = await startServer();
  [person, stranger] = await Promise.all([signUp(server.url, "somebody"), signUp(server.url, "stranger")]);
}, 60_000);
afterAll(() => server.close());

const task = (id: string, dependencies: string[] = [], more: object = {}) => ({
  id,
  name: id,
  description: `Compute ${id.length} + 1`,
  dependencies,
  ...more,
});
const plan = [task("a"), task("b", ["a"]), task("c", ["a"], { estimated_duration_seconds: 7 })];
async function preview(who: Person): Promise<PlanPreview> {
  return PlanPreview.parse((await who.call("POST", "/v1/plans/preview", { body: { tasks: plan } })).body);
}

describe("what a plan will take and cost", () => {
  test("is unknown in a workspace where nothing has completed, and learned where something has", async () => {
    const before = await preview(person);
    expect(before).toMatchObject({ critical_path_seconds: 120, durations_from: { caller: 1, history: 0, guess: 2 } });
    expect(before.estimates).toMatchObject({
      past_tasks: 0,
      seconds: null,
      cost_usd: { median: "0", p90: "0" },
      unknown: ["a", "b", "c", "critic", "summarizer"],
    });
    expect(before.estimates?.tasks.map(({ samples, seconds, likeness }) => [samples, seconds, likeness])).toEqual(
      plan.map(() => [0, null, null]),
    );

    const run = await pursueGoal(person, "three sums", { tasks: plan });
    const after = await preview(person);

    expect(after).toMatchObject({ durations_from: { caller: 1, history: 2, guess: 0 }, critical_path: ["a", "c"] });
    expect(after.critical_path_seconds).toBeLessThan(before.critical_path_seconds);
    expect(after.estimates).toMatchObject({
      past_tasks: 5,
      unknown: [],
      tasks: [{ samples: 3, likeness: "tools-and-complexity" }, {}, {}],
    });
    expect(after.estimates?.seconds?.median).toBeGreaterThan(0);
    expect(after.estimates?.around.map(({ role, samples }) => [role, samples])).toEqual([
      ["critic", 1],
      ["summarizer", 1],
    ]);

    expect(run.tasks.map(({ estimated_duration_seconds: seconds }) => seconds).slice(0, 3)).toEqual([60, 60, 7]);
    const next = await pursueGoal(person, "three more sums", { tasks: plan });
    expect(next.tasks[0]?.estimated_duration_seconds).toBeLessThan(60);
    expect(next.plan).toMatchObject({ levels: [[1], [2, 3]], critical_path: [1, 3] });

    const { estimates } = TaskDependencies.parse((await person.call("GET", `/v1/tasks/${next.task_id}/dependencies`)).body);
    expect(estimates).toMatchObject({ past_tasks: 10, tasks: [], seconds: { median: expect.any(Number) } });
    expect((await preview(stranger)).estimates).toMatchObject({ past_tasks: 0, seconds: null });
  }, 60_000);

  test("is not made up for a plan that cannot be carried out", async () => {
    const reply = await person.call("POST", "/v1/plans/preview", { body: { tasks: [task("a", ["a"])] } });
    expect(reply.body).toMatchObject({ valid: false, estimates: null });
  });
});
