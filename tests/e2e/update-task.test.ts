import { afterAll, beforeAll, expect, test } from "vitest";
import { expectProblem } from "./problem.ts";
import { followUntil, getRun, postGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "somebody");
}, 60_000);
afterAll(() => server.close());

/** Its first task waits for a person, so the second does not begin. */
const tasks = [
  { id: "a", name: "a", description: "Compute 1 + 1", policy: { requires_approval: true } },
  { id: "b", name: "b", description: "Compute 2 + 2", dependencies: ["a"] },
];

test("a task that has not begun is changed by its person, one that has is not, and what is wrong with a change is named", async () => {
  const { runId } = await postGoal(person, "two sums", { tasks });
  await followUntil(person, runId, "task-started");
  const [begun = "", waiting = ""] = (await getRun(person, runId)).tasks.map(({ id }) => id);
  const patch = (id: string, body: object) => person.call("PATCH", `/v1/tasks/${id}`, { body });

  const changed = await patch(waiting, { description: "Compute 3 + 3", requires_approval: true });
  expect(changed).toMatchObject({ status: 200, body: { description: "Compute 3 + 3", requires_approval: true, name: "b" } });

  expectProblem(await patch(begun, { description: "Compute 3 + 3" }), 409, "task-started");
  expectProblem(await patch("0198c0de-0000-7000-8000-00000000ffff", { name: "x" }), 404, "not-found");
  const pointersOf = async (body: object) =>
    (expectProblem(await patch(waiting, body), 400, "invalid-request").errors ?? []).map(({ pointer }) => pointer);
  expect(await pointersOf({ name: "", estimated_duration_seconds: -1, status: "completed" })).toEqual([
    "#/name",
    "#/estimated_duration_seconds",
    "#/status",
  ]);
  expect(await pointersOf({ required_capabilities: ["read_file", "fly"] })).toEqual(["#/required_capabilities/1"]);
  expect(await pointersOf({ policy: { acceptance: [{ kind: "regex", pattern: "(" }] } })).toEqual(["#/policy/acceptance/0/pattern"]);
  expect((await person.call("GET", `/v1/tasks/${waiting}`)).body).toEqual(changed.body);

  await person.call("POST", `/v1/runs/${runId}/cancel`);
  expectProblem(await patch(waiting, { name: "x" }), 409, "run-ended");
});
