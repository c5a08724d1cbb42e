import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import * as z from "zod";
import { findRun } from "../../shared/orchestration/sql/read-runs.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { openTestDatabase } from "../database.ts";
import { openWorld, postGoal, pricesOf, settleWorld } from "../world/open-world.ts";
import { planOf } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
});
afterAll(() => close());
afterEach(() => {
  setLogSink((line) => process.stdout.write(`${line}\n`));
  vi.unstubAllEnvs();
});

const Counted = z.object({ LlmSpend: z.number() });

test("what a run spends on models is what its commits have counted for CloudWatch", async () => {
  vi.stubEnv("METRICS_NAMESPACE", "CognitionOS/dev");
  const counted: number[] = [];
  setLogSink((line) => counted.push(Counted.safeParse(JSON.parse(line)).data?.LlmSpend ?? 0));
  const world = await openWorld(db, { prices: pricesOf(100_000_000n, 60_000_000n) });

  const runId = await postGoal(world, "a chain", null);
  await settleWorld(world, { plan: planOf({ a: [], b: ["a"] }) });

  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  const run = await db.transact(actor, (connection) => findRun(connection, runId));
  const spent = Number(run?.budget.spent_usd);
  expect(spent).toBeGreaterThan(0);
  expect(counted.reduce((sum, dollars) => sum + dollars, 0)).toBeCloseTo(spent, 9);
});
