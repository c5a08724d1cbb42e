import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { Task } from "../../shared/orchestration/contracts/tasks.ts";
import { pageOf } from "../../shared/platform/api/page.ts";
import { expectProblem } from "./problem.ts";
import { pursueGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "somebody");
}, 60_000);
afterAll(() => server.close());

const Run = z.looseObject({ id: z.uuid(), goal: z.string(), created_at: z.string() });
const listRuns = (query: string) => person.get(`/v1/runs?${query}`, pageOf(Run));
const listTasks = (query: string) => person.get(`/v1/tasks?${query}`, pageOf(Task));
const sum = (name: string) => ({ tasks: [{ id: "a", name, description: "Compute 1 + 1" }] });

describe("runs and tasks are found", () => {
  test("by their words, their kind, where they belong, how they stand and when they were created", async () => {
    const first = await pursueGoal(person, "Pears: 50 % are ripe", sum("Count pears"));
    const second = await pursueGoal(person, "Apples_ and nuts", sum("Count apples"));
    const goals = async (query: string) => (await listRuns(query)).items.map(({ goal }) => goal);
    const names = async (query: string) => (await listTasks(query)).items.map(({ name }) => name);

    expect(await goals("query=pEARS")).toEqual([first.goal]);
    // What SQL's patterns would take for anything is itself.
    expect([await goals("query=%25"), await goals("query=s_"), await goals("query=s%25n")]).toEqual([[first.goal], [second.goal], []]);
    expect(await goals("query=nuts&status=failed")).toEqual([]);
    expect(await goals(`created_after=${second.created_at}`)).toEqual([second.goal]);
    expect(await goals(`created_before=${second.created_at}`)).toEqual([first.goal]);
    expect(await goals("created_before=2020-01-01T00:00:00%2B02:00")).toEqual([]);

    expect(await names("")).toEqual([second.goal, first.goal]);
    expect(await names("kind=executor")).toEqual(["Count apples", "Count pears"]);
    expect(await names("kind=executor&query=COUNT+pears&status=completed")).toEqual(["Count pears"]);
    expect(await names(`run_id=${first.id}&kind=executor`)).toEqual(["Count pears"]);
    expect((await names(`parent_task_id=${first.task_id}`)).length).toBe(3);
    expect(await names(`run_id=${second.id}&parent_task_id=${first.task_id}`)).toEqual([]);
    expect(await names(`kind=executor&created_before=${second.created_at}`)).toEqual(["Count pears"]);
  });

  test("each once and all of them, whatever is created while the pages are turned", async () => {
    const before = (await listRuns("limit=100")).items.map(({ id }) => id);
    await pursueGoal(person, "third", sum("Count"));
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; ; page += 1) {
      const { items, next_cursor } = await listRuns(`limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...items.map(({ id }) => id));
      if (next_cursor === null) break;
      cursor = next_cursor;
      if (page < 2) await pursueGoal(person, `meanwhile ${page}`, sum("Count"));
    }

    expect(seen.slice(1)).toEqual(before);
  });
});

describe("a list is not narrowed", () => {
  test.for([
    ["created_after=yesterday", "created_after"],
    ["created_after=2026-01-01", "created_after"],
    ["created_before=2026-13-01T00:00:00Z", "created_before"],
    ["created_after=2026-02-01T00:00:00Z&created_before=2026-01-01T00:00:00Z", "created_before"],
    ["created_after=2026-02-01T00:00:00Z&created_before=2026-02-01T01:00:00%2B01:00", "created_before"],
    ["query=", "query"],
    ["query=+", "query"],
    ["query=a%00b", "query"],
    [`query=${"x".repeat(201)}`, "query"],
    ["status=sleeping", "status"],
    ["author=me", "author"],
  ])("by %s", async ([query, field]) => {
    for (const list of ["/v1/runs", "/v1/tasks"]) {
      const problem = expectProblem(await person.call("GET", `${list}?${query}`), 400, "invalid-request");
      expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([`#/query/${field}`]);
    }
  });

  test.for(["kind=boss", "run_id=1", "parent_task_id=x"])("by %s", async (query) => {
    expectProblem(await person.call("GET", `/v1/tasks?${query}`), 400, "invalid-request");
  });
});
