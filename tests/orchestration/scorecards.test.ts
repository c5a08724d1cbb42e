import { afterAll, beforeAll, expect, test } from "vitest";
import type { TaskPolicy } from "../../shared/agents/contracts/task-policy.ts";
import { cancelRun } from "../../shared/orchestration/control/control-run.ts";
import type { Prices } from "../../shared/orchestration/deps.ts";
import { scoreReviews } from "../../shared/orchestration/domain/score-agent.ts";
import { readOutcomes, readReviews } from "../../shared/orchestration/scorecards/sql.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
}, 60_000);
afterAll(() => close());

const always = { from: undefined, to: undefined };
const read = <Answer>({ workspaceId }: World, work: Parameters<typeof db.transact<Answer>>[1]) =>
  db.transact({ role: "app", workspaceId, userId: workspaceId }, work);
const outcomesOf = (world: World, role: string, period: { from: string | undefined; to: string | undefined } = always) =>
  read(world, async (connection) => {
    const rows = await readOutcomes(connection, { ...period, agentId: undefined, after: undefined, limit: 100 });
    const [row] = rows.filter((one) => one.role === role);
    if (row === undefined) throw new Error(`there is no ${role}`);
    return row;
  });

/** A task whose result an advisory check likes when it says `good`; `undefined`: nobody checks it. */
function reviewed(results: readonly (string | undefined)[], isRejected: boolean): Script {
  const plan = planOf(Object.fromEntries(results.map((_, index) => [`t${index}`, []])));
  const policy: TaskPolicy = { acceptance: [{ kind: "regex", pattern: "^good$", advisory: true }] };
  const tasks = plan.tasks.map((task, index) => (results[index] === undefined ? task : { ...task, policy }));
  return {
    plan: { ...plan, tasks },
    rejections: isRejected ? ["something is wrong"] : [],
    executor: (call) => succeedWith(results[Number(JSON.stringify(call.variables["task"]).match(/Task t(\d)/)?.[1])] ?? "unchecked"),
  };
}

test("a critic is compared with the acceptance checks of what it reviewed", async () => {
  const world = await openWorld(db);
  // By hand: what the critic said of each run, and what the checks had said.
  const runs: [results: (string | undefined)[], isRejected: boolean][] = [
    [["good"], false], // rightly approved
    [["good", "good", undefined], false], // rightly approved
    [["good"], true], // wrongly rejected
    [["bad"], true], // rightly rejected
    [["good", "bad"], true], // rightly rejected: one failed check is enough
    [["bad", "bad"], false], // wrongly approved
    [[undefined], true], // not measured
    [[undefined], false], // not measured
  ];
  for (const [results, isRejected] of runs) {
    const runId = await postGoal(world, "a reviewed goal");
    // Nothing is planned again: each run is reviewed once.
    await db.transact({ role: "engine" }, (connection) => connection.query("UPDATE runs SET replans_left = 0 WHERE id = $1", [runId]));
    await settleWorld(world, reviewed(results, isRejected));
  }

  const critic = await outcomesOf(world, "critic");
  const [reviews, ...others] = await read(world, (connection) => readReviews(connection, [critic.id], always));
  expect(others).toEqual([]);
  expect(reviews).toEqual({
    agent_id: critic.id,
    model: "local:scripted",
    prompt_version: 1,
    reviews: 8,
    rightly_rejected: 2,
    wrongly_rejected: 1,
    wrongly_approved: 1,
    rightly_approved: 2,
  });
  if (reviews === undefined) throw new Error("there is no review");
  expect(scoreReviews(reviews)).toEqual({ measured: 6, precision: 2 / 3, recall: 2 / 3 });
  const executor = await outcomesOf(world, "executor");
  expect(await read(world, (connection) => readReviews(connection, [executor.id], always))).toEqual([]);
});

test("the attempts of an agent are counted by how they ended, with lost hands, the median of their time and what they cost", async () => {
  const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
  const before = world.clock.now.toISOString();
  // One attempt after the other, each as many seconds long: the median of 1, 2 and 9 is 2.
  for (const seconds of [9, 1, 2]) {
    await reachExecution(world, { plan: planOf({ a: [] }) });
    await settleWorld(world, {
      plan: planOf({ a: [] }),
      executor() {
        world.clock.now = new Date(world.clock.now.getTime() + seconds * 1_000);
        return succeedWith("done");
      },
    });
  }
  await postGoal(world, "a goal that fails");
  await db.transact({ role: "engine" }, (connection) => connection.query("UPDATE runs SET replans_left = 0 WHERE status = 'pending'"));
  await settleWorld(world, { plan: planOf({ a: [] }), executor: () => failWith("no") });
  // Two hands that were lost, then a cancel.
  const runId = await reachExecution(world, { plan: planOf({ a: [] }) });
  for (const _ of [1, 2]) {
    await claimWaiting(world);
    await lookAfter(world, runId, 91);
  }
  await cancelRun(world.deps, { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }, runId);
  // And one that runs.
  await reachExecution(world, { plan: planOf({ a: [] }) });

  expect(await outcomesOf(world, "executor")).toMatchObject({
    attempts: { running: 1, completed: 3, failed: 1, cancelled: 1 },
    lease_losses: 2,
    median_duration_seconds: 2,
    // Three that completed and one that failed, 60 nano-dollars each.
    calls: 4,
    cost_usd: "0.00000024",
  });
  expect(await outcomesOf(world, "executor", { from: undefined, to: before })).toMatchObject({
    attempts: { running: 0, completed: 0, failed: 0, cancelled: 0 },
    lease_losses: 0,
    median_duration_seconds: null,
    calls: 0,
    cost_usd: "0",
  });
});

test("what an agent cost is unknown as soon as one of its calls has no known price", async () => {
  const priced = pricesOf(100n, 60n);
  let isKnown = true;
  const prices: Prices = {
    ...priced,
    charge: (model, usage) => ({ ...priced.charge(model, usage), ...(isKnown ? {} : { cost_nano: null, price_status: "unpriced" }) }),
  };
  const world = await openWorld(db, { prices });
  await postGoal(world, "a priced goal");
  await settleWorld(world, { plan: planOf({ a: [] }) });
  world.clock.now = new Date(world.clock.now.getTime() + 1_000);
  const to = world.clock.now.toISOString();
  isKnown = false;
  await postGoal(world, "an unpriced goal");
  await settleWorld(world, { plan: planOf({ a: [] }) });

  expect(await outcomesOf(world, "executor")).toMatchObject({ calls: 2, cost_usd: null });
  expect(await outcomesOf(world, "executor", { from: undefined, to })).toMatchObject({ calls: 1, cost_usd: "0.00000006" });
});
