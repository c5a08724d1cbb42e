import { afterAll, beforeAll, expect, test } from "vitest";
import { loadEstimates } from "../../shared/orchestration/plans/load-estimates.ts";
import { parseUsd } from "../../shared/platform/money.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf, finishRun } from "../world/forks.ts";
import { openWorld, type World } from "../world/open-world.ts";
import { planOf } from "../world/scripted-hands.ts";

let world: World;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openTestDatabase();
  ({ close } = opened);
  world = await openWorld(opened.database);
}, 60_000);
afterAll(() => close());

const tasks = [
  { id: "a", dependencies: [], required_capabilities: [], complexity: "low" as const },
  { id: "b", dependencies: ["a"], required_capabilities: ["read_file"], complexity: "low" as const },
];
const estimate = (defaultModel: string) =>
  world.deps.db.transact(actorOf(world), async (db) =>
    (await loadEstimates(db, world.workspaceId, { defaultModel, now: new Date() })).estimate(tasks),
  );

test("a plan is priced by what its tasks asked of their models before, at the prices of the model that it would have", async () => {
  await finishRun(world, { plan: planOf({ a: [], b: [], c: [] }), tokens: { input: 1_000_000, output: 0 } });

  const dear = await estimate("openai:gpt-4.1");
  // 2 dollars for a million tokens: two tasks, review and summary with one call each.
  expect(dear).toMatchObject({ past_tasks: 6, cost_usd: { median: "8", p90: "8" }, unknown: [] });
  expect(dear.tasks.map(({ samples, learned_complexity }) => [samples, learned_complexity])).toEqual([
    [3, "high"],
    [3, null],
  ]);
  expect(parseUsd((await estimate("openai:gpt-4.1-mini")).cost_usd?.median ?? "0")).toBeLessThan(parseUsd("8"));
  expect((await estimate("local:scripted")).cost_usd).toEqual({ median: "0", p90: "0" });
  expect(await estimate("openai:nobody-priced-this")).toMatchObject({
    cost_usd: null,
    unknown: ["a", "b", "critic", "summarizer"],
    seconds: { median: expect.any(Number) },
  });
});
