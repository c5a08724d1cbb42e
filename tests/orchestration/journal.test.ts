import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun } from "../../shared/orchestration/control/control-run.ts";
import { type EffectView, type LogRow, listEffects, listLogs } from "../../shared/orchestration/journal/sql.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { inspectRun } from "../world/inspect.ts";
import { carryOutDue, openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { callToolThenSucceed, failWith, planOf, type Script } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
}, 60_000);
afterAll(() => close());

const PRICE = "0.0000001";
const COST = "0.00000006";
const actorOf = ({ workspaceId }: World) => ({ role: "app", workspaceId, userId: workspaceId }) as const;
const openPriced = () => openWorld(db, { prices: pricesOf(100n, 60n) });
const one: Script = { plan: planOf({ a: [] }) };

const effectsOf = (world: World, runId: string, filter: Partial<Parameters<typeof listEffects>[2]> = {}): Promise<EffectView[]> =>
  db.transact(actorOf(world), (connection) =>
    listEffects(connection, runId, { state: undefined, kind: undefined, safety: undefined, before: undefined, limit: 100, ...filter }),
  );
async function logsOf(world: World, runId: string, level?: LogRow["level"]): Promise<LogRow[]> {
  const { run } = await inspectRun(world, runId);
  return db.transact(actorOf(world), (connection) => listLogs(connection, run.task_id, { level, after: undefined, limit: 100 }));
}
const messagesOf = (logs: readonly LogRow[]) =>
  logs.map(({ level, message, metadata }) => `${level}: ${message} (${JSON.stringify(metadata?.["attempt"])})`);

/** How often each attempt of a run has an end in the log. */
async function countEnds(world: World, runId: string): Promise<Record<string, number>> {
  const Row = z.object({ attempt: z.string(), status: z.string(), ends: z.int() });
  const rows = await db.transact(actorOf(world), async (connection) => {
    const answer = await connection.query(
      `SELECT t.name || ' ' || a.number AS attempt, a.status, (SELECT count(*)::int FROM task_execution_logs l WHERE l.task_id = a.task_id
        AND (l.metadata ->> 'attempt')::int = a.number AND l.message LIKE 'attempt ' || a.status || '%') AS ends
      FROM task_attempts a JOIN tasks t ON t.id = a.task_id WHERE a.run_id = $1`,
      [runId],
    );
    return z.array(Row).parse(answer.rows);
  });
  return Object.fromEntries(rows.map(({ attempt, status, ends }) => [`${attempt} ${status}`, ends]));
}

describe("the log of a goal", () => {
  test("says of every attempt how it ended, once, whether it completed, failed or was broken off", async () => {
    const world = await openPriced();
    const answers = [failWith("not today"), failWith("not today either")];
    const plan = planOf({ a: [], b: ["a"] });
    const completed = await reachExecution(world, { plan: planOf({ a: [] }) });
    await settleWorld(world, { plan: planOf({ a: [] }) });
    const failed = await reachExecution(world, { plan });
    await settleWorld(world, { plan, executor: () => answers.shift() ?? failWith("never") });
    const cancelled = await reachExecution(world, one);
    await cancelRun(world.deps, actorOf(world), cancelled);

    expect(await countEnds(world, completed)).toEqual({
      "Plan the goal 1 completed": 1,
      "Task a 1 completed": 1,
      "Review the results 1 completed": 1,
      "Summarize the run 1 completed": 1,
    });
    expect(Object.values(await countEnds(world, failed))).not.toContain(0);
    expect(messagesOf(await logsOf(world, failed))).toContain("error: attempt failed: task-failed (1)");
    expect(await countEnds(world, cancelled)).toEqual({ "Plan the goal 1 completed": 1, "Task a 1 cancelled": 1 });
    expect(messagesOf(await logsOf(world, cancelled, "warning"))).toEqual(["warning: attempt cancelled (1)"]);
  });

  test("tells of a hand that was lost and of an answer that came late", async () => {
    const world = await openPriced();
    const runId = await reachExecution(world, one);
    const [lost] = await claimWaiting(world);
    await lookAfter(world, runId, 91);
    const reports = await carryOutDue(world, one, 10);
    await cancelRun(world.deps, actorOf(world), runId);
    await processReports(world.deps, reports);

    const warnings = await logsOf(world, runId, "warning");
    expect(messagesOf(warnings)).toEqual([
      "warning: the hand that had an effect was lost (1)",
      "warning: attempt cancelled (1)",
      "warning: an answer came late: it is kept and counts for nothing (1)",
    ]);
    expect(warnings[0]?.metadata).toMatchObject({ effect_id: lost?.effect_id, kind: "llm", try: 1 });
    expect(warnings[2]?.metadata).toMatchObject({ effect_id: lost?.effect_id, try: 2 });
  });
});

describe("the effects of a run", () => {
  test("are shown newest first with safety, attempt, try and what they cost, page by page", async () => {
    const world = await openPriced();
    const runId = await reachExecution(world, one);
    await settleWorld(world, { ...one, executor: callToolThenSucceed });

    const effects = await effectsOf(world, runId);
    const settled = { held_usd: "0", spent_usd: COST, unsettled_usd: "0" };
    expect(
      effects.map(({ task, kind, tool, safety, state, attempt, seq, hold }) => ({
        name: task.name,
        kind,
        tool,
        safety,
        state,
        attempt,
        seq,
        hold,
      })),
    ).toEqual([
      { name: "Summarize the run", kind: "llm", tool: null, safety: "repeatable", state: "done", attempt: 1, seq: 0, hold: settled },
      { name: "Review the results", kind: "llm", tool: null, safety: "repeatable", state: "done", attempt: 1, seq: 0, hold: settled },
      { name: "Task a", kind: "llm", tool: null, safety: "repeatable", state: "done", attempt: 1, seq: 2, hold: settled },
      {
        name: "Task a",
        kind: "tool",
        tool: "write_file",
        safety: "repeatable",
        state: "done",
        attempt: 1,
        seq: 1,
        hold: { held_usd: "0", spent_usd: "0", unsettled_usd: "0" },
      },
      { name: "Task a", kind: "llm", tool: null, safety: "repeatable", state: "done", attempt: 1, seq: 0, hold: settled },
      { name: "Plan the goal", kind: "llm", tool: null, safety: "repeatable", state: "done", attempt: 1, seq: 1, hold: settled },
      {
        name: "Plan the goal",
        kind: "recall",
        tool: null,
        safety: "repeatable",
        state: "done",
        attempt: 1,
        seq: 0,
        hold: { ...settled, spent_usd: "0" },
      },
    ]);
    expect((await effectsOf(world, runId, { kind: "tool" })).map(({ result }) => result)).toEqual([{ tool: "write_file" }]);
    const [first, second, ...others] = effects;
    expect(await effectsOf(world, runId, { limit: 2 })).toEqual([first, second]);
    expect(await effectsOf(world, runId, { before: second?.id })).toEqual(others);
  });

  test("show the lease of who has one, never its token, and the hold of what is under way", async () => {
    const world = await openPriced();
    const runId = await reachExecution(world, one);
    const [claimed] = await claimWaiting(world);

    const running = await effectsOf(world, runId, { state: "running" });
    expect(running).toMatchObject([
      {
        id: claimed?.effect_id,
        lease_until: new Date(world.clock.now.getTime() + 90_000).toISOString(),
        hold: { held_usd: PRICE, spent_usd: "0" },
        result: null,
      },
    ]);
    expect(JSON.stringify(running)).not.toContain(claimed?.lease_token ?? "");
  });

  test("show a late answer with what it said and cost, beside a try that was lost and is booked in full", async () => {
    const world = await openPriced();
    const runId = await reachExecution(world, one);
    await claimWaiting(world);
    await lookAfter(world, runId, 91);
    const reports = await carryOutDue(world, one, 10);
    await cancelRun(world.deps, actorOf(world), runId);
    await processReports(world.deps, reports);

    const [late, ...others] = await effectsOf(world, runId, { state: "late" });
    expect(others).toEqual([]);
    expect(late).toMatchObject({
      try: 2,
      lease_until: null,
      result: { text: expect.stringContaining("success") },
      hold: { held_usd: "0", spent_usd: "0.00000016", unsettled_usd: PRICE },
    });
    expect(late?.answered_at).not.toBeNull();
  });

  test("show what is unknown until a person or a check says what happened", async () => {
    const world = await openPriced();
    const runId = await reachExecution(world, one);
    // No tool that works today changes the world; the row is what counts.
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE effects SET safety = 'once' WHERE run_id = $1 AND state = 'due'", [runId]),
    );
    await claimWaiting(world);
    await lookAfter(world, runId, 91);

    expect(await effectsOf(world, runId, { state: "unknown" })).toMatchObject([
      { safety: "once", try: 1, answered_at: null, result: null },
    ]);
    expect(await effectsOf(world, runId, { safety: "once", state: "done" })).toEqual([]);
    expect(messagesOf(await logsOf(world, runId, "warning"))).toEqual(["warning: the hand that had an effect was lost (1)"]);
  });
});
