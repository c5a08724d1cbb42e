import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { Agent, getAgentStatus } from "../../shared/orchestration/contracts/agents.ts";
import type { Sent } from "./api.ts";
import { expectProblem } from "./problem.ts";
import { pursueGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "owner");
}, 60_000);
afterAll(() => server.close());

const Agents = z.object({ agents: z.array(Agent) });
const listAgents = async (query = "") => (await person.get(`/v1/agents${query}`, Agents)).agents;
const register = (body: object) => person.post("/v1/agents", body, Agent);
const change = (id: string, body: object) => person.call("PATCH", `/v1/agents/${id}`, { body });
const OFFLINE = "offline:offline-rules-v1";

async function executor(): Promise<Agent> {
  const [found] = await listAgents("?role=executor&capability=read_file");
  if (found === undefined) throw new Error("there is no executor");
  return found;
}

describe("an agent", () => {
  test("is registered with defaults, found by its role, capability and status, changed, and retired", async () => {
    const agent = await register({ name: "Reader", role: "custom", capabilities: ["read_file"], model: OFFLINE });
    expect(agent).toEqual({
      id: expect.any(String),
      name: "Reader",
      role: "custom",
      status: "idle",
      accepts_tasks: true,
      capabilities: ["read_file"],
      max_concurrent_tasks: 1,
      current_task_count: 0,
      prompt_version: "v1",
      model: OFFLINE,
      temperature: null,
      max_tokens: 4_096,
      last_active_at: null,
    });
    expect(await person.get(`/v1/agents/${agent.id}`, Agent)).toEqual(agent);
    expect((await listAgents("?role=custom")).map(({ id }) => id)).toEqual([agent.id]);
    expect((await listAgents("?capability=read_file")).map(({ name }) => name)).toEqual(["Code Executor", "Reader"]);

    expect((await change(agent.id, { max_concurrent_tasks: 7, temperature: 0.5 })).body).toMatchObject({
      max_concurrent_tasks: 7,
      temperature: 0.5,
      name: "Reader",
    });
    expect((await person.call("DELETE", `/v1/agents/${agent.id}`)).body).toMatchObject({ status: "offline", accepts_tasks: false });
    expect((await listAgents("?status=offline")).map(({ id }) => id)).toEqual([agent.id]);
    expect((await change(agent.id, { status: "idle" })).body).toMatchObject({ status: "idle", accepts_tasks: true });
  });

  test("is registered once, however often the same key sends it", async () => {
    const sent: Sent = { body: { name: "Twice", role: "executor" }, headers: { "idempotency-key": "twice-1" } };
    const [first, second] = [await person.call("POST", "/v1/agents", sent), await person.call("POST", "/v1/agents", sent)];

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(first.headers.get("location")).toBe(`/v1/agents/${Agent.parse(first.body).id}`);
  });

  test("tells of its health, its load and what became of its tasks", async () => {
    const { id } = await executor();
    await pursueGoal(person, "1. Compute 19 * 23. 2. Using step 1, write the result to report.md");

    const status = await person.get(`/v1/agents/${id}/status`, getAgentStatus.response);
    expect(status).toMatchObject({ agent_id: id, status: "idle", accepts_tasks: true, load: { running: 0, waiting: 0 } });
    expect(status.health).toEqual({ consecutive_failures: 0, cool_down_until: null, last_failure: null });
    expect(status.recent).toMatchObject({ assignments: 2, completed: 2, failed: 0, cancelled: 0 });
  });
});

describe("is refused", () => {
  const agent = { name: "Refused", role: "executor" };
  test.each([
    ["a prompt that was never published", { ...agent, prompt_version: "v999" }, 400, "invalid-request"],
    ["a model that this deployment cannot call", { ...agent, model: "openai:gpt-6-luna" }, 400, "invalid-request"],
    ["a provider that there is not", { ...agent, model: "nobody:model" }, 400, "invalid-request"],
    ["a role that there is not", { ...agent, role: "king" }, 400, "invalid-request"],
    ["no room at all", { ...agent, max_concurrent_tasks: 0 }, 400, "invalid-request"],
    ["more room than an agent may have", { ...agent, max_concurrent_tasks: 101 }, 400, "invalid-request"],
    ["a capability that is no word", { ...agent, capabilities: ["Read a file"] }, 400, "invalid-request"],
    ["a capability twice", { ...agent, capabilities: ["fly", "fly"] }, 400, "invalid-request"],
    ["a name that is taken", { ...agent, name: "Code Executor" }, 409, "conflict"],
  ])("%s, and nothing is added", async (_, body, status, code) => {
    const before = await listAgents();

    expectProblem(await person.call("POST", "/v1/agents", { body }), status, code);

    expect(await listAgents()).toEqual(before);
  });

  test("a change to the name of another, or to a role", async () => {
    const { id } = await executor();

    expectProblem(await change(id, { name: "Quality Critic" }), 409, "conflict");
    expectProblem(await change(id, { role: "critic" }), 400, "invalid-request");
    expectProblem(await change(id, { prompt_version: "v2" }), 400, "invalid-request");
    expect((await executor()).name).toBe("Code Executor");
  });
});

describe("how much of the workspace runs at once", () => {
  const Room = z.looseObject({ running_tasks: z.int(), max_running_tasks: z.int() });
  const room = () => person.get("/v1/pool", Room);

  test("is a thousand until somebody says less, and a goal comes to its end with one at a time", async () => {
    expect(await room()).toMatchObject({ running_tasks: 0, max_running_tasks: 1_000 });

    const changed = await person.call("PATCH", "/v1/pool", { body: { max_running_tasks: 1 } });
    expect([changed.status, changed.body]).toEqual([200, { running_tasks: 0, max_running_tasks: 1 }]);
    const { status } = await pursueGoal(person, "1. Compute 2 + 3. 2. Compute 4 + 5. 3. Compute 6 + 7");

    expect(status).toBe("completed");
    expect(await room()).toMatchObject({ running_tasks: 0, max_running_tasks: 1 });
  });

  test.each([
    ["nothing at all", { max_running_tasks: 0 }],
    ["less than nothing", { max_running_tasks: -1 }],
    ["more than any workspace may", { max_running_tasks: 10_001 }],
    ["a part of a task", { max_running_tasks: 1.5 }],
    ["a number that no machine counts to", { max_running_tasks: 1e300 }],
    ["a word", { max_running_tasks: "5" }],
    ["no number", {}],
    ["what runs now", { max_running_tasks: 5, running_tasks: 0 }],
  ])("is not set to %s", async (_, body) => {
    const before = await room();

    expectProblem(await person.call("PATCH", "/v1/pool", { body }), 400, "invalid-request");

    expect(await room()).toEqual(before);
  });

  test("of one workspace is no other one's", async () => {
    const stranger = await signUp(server.url, "stranger");
    expect(await stranger.get("/v1/pool", Room)).toMatchObject({ max_running_tasks: 1_000 });
    await stranger.call("PATCH", "/v1/pool", { body: { max_running_tasks: 7 } });
    expect(await room()).toMatchObject({ max_running_tasks: 1 });
  });
});

test("a custom agent carries out the tasks that ask for what it has, and a goal without an agent fails and says so", async () => {
  const other = await signUp(server.url, "other");
  const { agents } = await other.get("/v1/agents?role=executor", Agents);
  const writer = await other.post("/v1/agents", { name: "Writer", role: "custom", capabilities: ["write_file"], model: OFFLINE }, Agent);
  await other.call("DELETE", `/v1/agents/${agents[0]?.id}`);

  const written = await pursueGoal(other, '1. Write "medlar" to fruit.txt');
  expect(written.status).toBe("completed");
  const { items } = await other.get(`/v1/assignments?agent_id=${writer.id}`, z.object({ items: z.array(z.object({ task_id: z.uuid() })) }));
  expect(items.map(({ task_id }) => task_id)).toEqual(written.tasks.filter(({ kind }) => kind === "executor").map(({ id }) => id));

  await other.call("DELETE", `/v1/agents/${writer.id}`);
  const failed = await pursueGoal(other, '1. Write "medlar" to fruit.txt');
  expect(failed).toMatchObject({ status: "failed", error: { code: "no-agent" } });
});
