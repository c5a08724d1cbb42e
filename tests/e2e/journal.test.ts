import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type * as z from "zod";
import { listRunEffects, listTaskLogs, type RunEffect, type TaskLog } from "../../shared/orchestration/contracts/journal.ts";
import type { Run } from "../../shared/orchestration/contracts/runs.ts";
import { expectProblem } from "./problem.ts";
import { pursueGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
let run: Run;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "reader");
  run = await pursueGoal(person, "1. Compute 19 * 23. 2. Using step 1, write the result to report.md");
}, 60_000);
afterAll(() => server.close());

/** Every item of a list, by pages of two. */
async function readAll<Item>(path: string, page: z.ZodType<{ items: Item[]; next_cursor: string | null }>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const { items: more, next_cursor }: { items: Item[]; next_cursor: string | null } = await person.get(
      `${path}limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`,
      page,
    );
    items.push(...more);
    cursor = next_cursor;
  }
  return items;
}

describe("the journal of a run over HTTP", () => {
  test("lists each effect once over its pages, and those of a kind and state alone", async () => {
    const effects: RunEffect[] = await readAll(`/v1/runs/${run.id}/effects?`, listRunEffects.response);

    expect(effects.length).toBeGreaterThan(6);
    expect(new Set(effects.map(({ id }) => id)).size).toBe(effects.length);
    expect(effects.map(({ id }) => id)).toEqual(
      effects
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
    expect(effects.every(({ state, lease_until }) => state === "done" && lease_until === null)).toBe(true);
    const tools = await readAll(`/v1/runs/${run.id}/effects?kind=tool&state=done&`, listRunEffects.response);
    expect(tools).toEqual(effects.filter(({ kind }) => kind === "tool"));
    expect(tools.map(({ tool }) => tool)).toContain("write_file");
    expect(await readAll(`/v1/runs/${run.id}/effects?state=unknown&`, listRunEffects.response)).toEqual([]);
  });

  test("tells of a goal how each attempt of its tasks ended, and of a task only its own", async () => {
    const logs: TaskLog[] = await readAll(`/v1/tasks/${run.task_id}/logs?`, listTaskLogs.response);
    const [task] = run.tasks.filter(({ kind }) => kind === "executor");

    expect(logs.map(({ task_id }) => task_id).toSorted()).toEqual(run.tasks.map(({ id }) => id).toSorted());
    expect(new Set(logs.map(({ level, message }) => `${level} ${message}`))).toEqual(new Set(["info attempt completed"]));
    expect(logs[0]?.metadata).toEqual({ attempt: 1, agent_id: expect.any(String), duration_ms: expect.any(Number) });
    const own = await readAll(`/v1/tasks/${task?.id}/logs?level=info&`, listTaskLogs.response);
    expect(own).toEqual(logs.filter(({ task_id }) => task_id === task?.id));
    expect(own).toHaveLength(1);
  });

  test("refuses a state that no effect has, and a cursor of another list", async () => {
    expectProblem(await person.call("GET", `/v1/runs/${run.id}/effects?state=lost`), 400, "invalid-request");
    expectProblem(await person.call("GET", `/v1/runs/${run.id}/effects?cursor=bm8`), 400, "invalid-request");
    expectProblem(await person.call("GET", `/v1/tasks/${run.task_id}/logs?level=debug`), 400, "invalid-request");
  });
});
