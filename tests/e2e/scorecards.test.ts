import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { Scorecard } from "../../shared/orchestration/contracts/scorecards.ts";
import { expectProblem } from "./problem.ts";
import { pursueGoal } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "owner");
  await pursueGoal(person, "1. Compute 19 * 23. 2. Using step 1, write the result to report.md");
}, 60_000);
afterAll(() => server.close());

const Page = z.strictObject({ items: z.array(Scorecard), next_cursor: z.string().nullable() });

test("the scorecards of the pool tell of each agent, page by page, and one agent's is the same", async () => {
  const first = await person.get("/v1/pool/scorecards?limit=3", Page);
  const second = await person.get(`/v1/pool/scorecards?limit=3&cursor=${first.next_cursor}`, Page);
  const cards = [...first.items, ...second.items];

  expect(cards.map(({ role }) => role).toSorted()).toEqual(["critic", "executor", "planner", "summarizer"]);
  expect(second.next_cursor).toBeNull();
  const attempts = Object.fromEntries(cards.map((card) => [card.role, [card.attempts.completed, card.success_rate, card.cost_usd]]));
  expect(attempts).toEqual({ planner: [1, 1, "0"], executor: [2, 1, "0"], critic: [1, 1, "0"], summarizer: [1, 1, "0"] });
  for (const card of cards) expect(await person.get(`/v1/agents/${card.id}/scorecard`, Scorecard)).toEqual(card);
});

test("a critic whose reviews no check has measured has neither precision nor recall, and one who did nothing has no rate", async () => {
  const { items } = await person.get("/v1/pool/scorecards", Page);
  const critic = items.find(({ role }) => role === "critic");

  expect(critic?.reviews).toMatchObject([{ reviews: 1, measured: 0, precision: "unknown", recall: "unknown" }]);
  const before = await person.get(`/v1/agents/${critic?.id}/scorecard?to=2020-01-01T00:00:00Z`, Scorecard);
  expect(before).toMatchObject({ success_rate: "unknown", median_duration_seconds: "unknown", reviews: [] });
  expectProblem(await person.call("GET", `/v1/agents/${critic?.id}/scorecard?from=yesterday`), 400, "invalid-request");
});
