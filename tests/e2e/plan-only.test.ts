import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { InboxItem } from "../../shared/orchestration/contracts/inbox.ts";
import { pageOf } from "../../shared/platform/api/page.ts";
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

test("a goal is planned, its plan shown with tools, files, price and time, and carried out when its person approves just that", async () => {
  const goal = "1. Compute 19 * 23. 2. Using step 1, write the result to sum.md";
  const { runId } = await postGoal(person, goal, { plan_only: true });
  await followUntil(person, runId, "inbox-item-opened");
  const { items } = await person.get("/v1/inbox", pageOf(InboxItem));

  expect(items).toMatchObject([
    {
      kind: "approval",
      run_id: runId,
      subject: { because: "plan", tasks: 2, tools: ["execute_javascript", "write_file"], files: ["sum.md"] },
    },
  ]);
  expect(items[0]?.subject).toMatchObject({ limit_usd: null, cost_usd: { median: "0", p90: "0" }, seconds: null, past_tasks: 1 });
  expect(await getRun(person, runId)).toMatchObject({ status: "paused", contract: { approved_sha256: null } });
  expectProblem(await person.call("POST", `/v1/runs/${runId}/resume`, { body: {} }), 409, "plan-unapproved");

  const approve = (request_sha256: string) => person.call("POST", `/v1/inbox/${items[0]?.id}/approve`, { body: { request_sha256 } });
  expectProblem(await approve("0".repeat(64)), 409, "arguments-changed");
  expect((await approve(items[0]?.request_sha256 ?? "")).status).toBe(200);
  await followUntil(person, runId, "run-completed");

  expect(await getRun(person, runId)).toMatchObject({ status: "completed", contract: { approved_sha256: items[0]?.request_sha256 } });
  const { files } = await person.get(`/v1/runs/${runId}/files`, z.object({ files: z.array(z.object({ path: z.string() })) }));
  expect(files.map(({ path }) => path)).toEqual(["sum.md"]);
}, 60_000);
