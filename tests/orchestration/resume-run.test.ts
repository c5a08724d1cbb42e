import { afterAll, beforeAll, expect, test } from "vitest";
import { resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { findRun } from "../../shared/orchestration/sql/read-runs.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { openWorld, postGoal, pricesOf, settleWorld } from "../world/open-world.ts";
import { planOf } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
});
afterAll(() => close());

test("a run that paused because its budget was too small goes on under the budget that it is resumed with", async () => {
  const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
  const script = { plan: planOf({ a: [], b: ["a"] }) };
  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  const look = async (runId: string) => db.transact(actor, (connection) => findRun(connection, runId));
  const runId = await postGoal(world, "a chain", 150n);
  await settleWorld(world, script);
  expect(await look(runId)).toMatchObject({ status: "paused", budget: { limit_usd: "0.00000015" } });

  await resumeRun(world.deps, actor, runId, 1_000n);
  await settleWorld(world, script);

  expect(await look(runId)).toMatchObject({ status: "completed", budget: { limit_usd: "0.000001", held_usd: "0" } });
});
