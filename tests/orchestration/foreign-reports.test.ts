import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { ClaimedEffect, EffectReport } from "../../shared/effects/contract.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { openTestDatabase } from "../database.ts";
import { openWorld, pricesOf, type World } from "../world/open-world.ts";
import { claimWaiting, reachExecution } from "../world/reach-execution.ts";
import { planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
let world: World;
let own: ClaimedEffect;
let beside: ClaimedEffect;
let foreign: ClaimedEffect;
const script: Script = { plan: planOf({ a: [], b: [] }) };

async function claimTwo(): Promise<[World, ClaimedEffect, ClaimedEffect]> {
  const opened = await openWorld(db, { prices: pricesOf(100n, 60n) });
  await reachExecution(opened, script, 10_000n);
  const [first, second] = await claimWaiting(opened);
  if (first === undefined || second === undefined) throw new Error("nothing was claimed");
  return [opened, first, second];
}

beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
  [, foreign] = await claimTwo();
  [world, own, beside] = await claimTwo();
}, 60_000);
afterAll(() => close());

const reportOf = (effect_id: string, lease_token: string): EffectReport => ({ effect_id, lease_token, outcome: succeedWith("forged") });

/** Every row that the engine can read, of every workspace, as one line for each. */
function readEverything(): Promise<string[]> {
  const tables = ["runs", "tasks", "task_attempts", "effects", "payloads", "budgets", "budget_holds", "agents", "run_events", "llm_usage"];
  const more = ["agent_task_assignments", "task_execution_logs", "tool_executions", "inbox_items", "check_outcomes", "review_verdicts"];
  return db.transact({ role: "engine" }, async (connection) => {
    const lines: string[] = [];
    for (const table of [...tables, ...more]) {
      const { rows } = await connection.query(`SELECT to_jsonb(t)::text AS line FROM ${table} t ORDER BY 1`, []);
      lines.push(
        ...z
          .array(z.object({ line: z.string() }))
          .parse(rows)
          .map(({ line }) => `${table} ${line}`),
      );
    }
    return lines;
  });
}

test.each<[string, () => EffectReport, string]>([
  ["for an effect that nobody knows", () => reportOf(uuidv7(), own.lease_token), "unknown"],
  ["with a token that was made up", () => reportOf(own.effect_id, uuidv7()), "stale"],
  ["with the token of another effect of the same run", () => reportOf(own.effect_id, beside.lease_token), "stale"],
  ["with the token of a hand of another workspace", () => reportOf(own.effect_id, foreign.lease_token), "stale"],
  ["for another workspace's effect, with a token of one's own", () => reportOf(foreign.effect_id, own.lease_token), "stale"],
])("a result %s is refused, and nothing changes anywhere", async (_, forge, verdict) => {
  const before = await readEverything();
  expect(before.length).toBeGreaterThan(40);

  const answers = await processReports(world.deps, [forge()]);

  expect(answers.map((answer) => answer.verdict)).toEqual([verdict]);
  expect(await readEverything()).toEqual(before);
});

test("a result of the hand that holds the lease is taken in, beside all that are refused", async () => {
  const truth = { ...reportOf(own.effect_id, own.lease_token), outcome: succeedWith("done") };
  const answers = await processReports(world.deps, [
    reportOf(own.effect_id, uuidv7()),
    reportOf(uuidv7(), own.lease_token),
    truth,
    reportOf(own.effect_id, beside.lease_token),
  ]);

  expect(answers.map(({ verdict }) => verdict)).toEqual(["stale", "unknown", "ok", "stale"]);
});
