import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { changeRun } from "../../shared/orchestration/commit/change-run.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import type { WatchdogCall } from "../../shared/orchestration/deps.ts";
import { endRun } from "../../shared/orchestration/domain/end-run.ts";
import { raiseWatchdog } from "../../shared/orchestration/sql/lock-run.ts";
import { takeOver } from "../../shared/orchestration/watchdog/take-over.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { countEffects, inspectRun, listViolations, readLoads } from "../world/inspect.ts";
import { dieAt } from "../world/mishaps.ts";
import { openWorld, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, lookAfter, reachExecution } from "../world/reach-execution.ts";
import { callTools, planOf, type Script } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
  db = fresh.deployed;
});
afterAll(() => fresh.drop());

const script: Script = { plan: planOf({ a: [], b: ["a"] }) };
const actorOf = (world: World) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;

type Watched = { world: World; runId: string; sent: (WatchdogCall & { delay: number })[] };

async function watched(): Promise<Watched> {
  const sent: Watched["sent"] = [];
  const opened = await openWorld(db);
  const outbox = {
    ...opened.deps.outbox,
    sendWatchdog: async (message: WatchdogCall, delay: number) => void sent.push({ ...message, delay }),
  };
  const world = { ...opened, deps: { ...opened.deps, outbox } };
  const runId = await reachExecution(world, script);
  return { world, runId, sent };
}
const look = (world: World, run_id: string, seq: number) => processControl(world.deps, [{ kind: "watchdog", run_id, seq }]);

/** A process that dies after it has sent the next message, and before the number of that counts. */
async function dieBeforeTheNumber(world: World, runId: string): Promise<void> {
  const mortal = dieAt(db, 1, "before");
  await look({ ...world, deps: { ...world.deps, db: mortal.database } }, runId, 1);
}

/** A process to whose transaction number `at` (from 0) it takes so long that others do something before. */
function meanwhile(world: World, at: number, others: () => Promise<unknown>): World {
  let count = 0;
  const transact: Database["transact"] = async (actor, work) => {
    if (count++ === at) await others();
    return db.transact(actor, work);
  };
  return { ...world, deps: { ...world.deps, db: { ...db, transact } } };
}

describe("a run's watchdog", () => {
  test("is sent once at the start, and sends itself on as long as the run goes on", async () => {
    const { world, runId, sent } = await watched();
    const message = { run_id: runId, seq: 1, delay: 60 };
    expect(sent).toEqual([message]);

    await look(world, runId, 1);
    expect(sent).toEqual([message, { ...message, seq: 2 }]);
    await settleWorld(world, script);
    await look(world, runId, 2);

    expect((await inspectRun(world, runId)).run.status).toBe("completed");
    // With the end comes another message of the same number, and both die.
    expect(sent).toEqual([message, { ...message, seq: 2 }, { ...message, seq: 2 }]);
    await look(world, runId, 2);
    expect(sent).toHaveLength(3);
  });

  test("that was lost is sent again with the end of its run, and closes what a dead hand holds", async () => {
    const { world, runId, sent } = await watched();
    await claimWaiting(world);
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE runs SET deadline = now() - interval '1 second' WHERE id = $1", [runId]),
    );
    const count = sent.length;
    await look(world, runId, 1);
    // The look itself has sent one on: it is lost. What came with the end has its number.
    const [, atTheEnd] = sent.slice(count);
    expect(atTheEnd).toEqual({ run_id: runId, seq: 2, delay: 60 });
    expect(await countEffects(world, runId)).toMatchObject({ running: 1 });

    world.clock.now = new Date(world.clock.now.getTime() + 91_000);
    await look(world, runId, atTheEnd?.seq ?? 0);
    expect(await countEffects(world, runId)).toEqual({ cancelled: 1, done: 2 });
  });

  test("of an ended run looks whatever its number: the one that counts may be lost, and nobody would miss it", async () => {
    const { world, runId, sent } = await watched();
    await claimWaiting(world);
    const error = { code: "execution-ended", detail: "", retryable: false };
    await changeRun(world.deps, { role: "engine" }, runId, "open", (board, run) => endRun(board, run, { status: "failed", error }));
    // One that looked while the run ended has raised the number.
    await db.transact({ role: "engine" }, (connection) => raiseWatchdog(connection, runId, 1));
    const count = sent.length;
    await look(world, runId, 1);
    expect(sent.slice(count)).toEqual([{ run_id: runId, seq: 1, delay: 60 }]);

    world.clock.now = new Date(world.clock.now.getTime() + 91_000);
    await look(world, runId, 1);
    expect(await countEffects(world, runId)).toEqual({ cancelled: 1, done: 2 });
    await look(world, runId, 1);
    expect(sent.slice(count)).toHaveLength(2);
  });

  test("sleeps while an outcome is unknown, and wakes when a late report says it: the next hand may die too", async () => {
    const { world, runId, sent } = await watched();
    const setOnce = "UPDATE effects SET safety = 'once' WHERE run_id = $1 AND state = 'due'";
    await db.transact({ role: "engine" }, (connection) => connection.query(setOnce, [runId]));
    const [effect] = await claimWaiting(world);
    if (effect === undefined) throw new Error("nothing was claimed");
    world.clock.now = new Date(world.clock.now.getTime() + 91_000);
    await look(world, runId, 1);
    await look(world, runId, 2);
    expect(sent.at(-1)).toMatchObject({ seq: 3, delay: 900 });

    const report = { effect_id: effect.effect_id, lease_token: effect.lease_token, outcome: callTools(["read_file", { path: "a.txt" }]) };
    await processReports(world.deps, [report]);
    expect(await claimWaiting(world)).toHaveLength(1);
    expect(sent.at(-1)).toEqual({ run_id: runId, seq: 4, delay: 60 });
    world.clock.now = new Date(world.clock.now.getTime() + 91_000);
    await look(world, runId, 4);
    expect(world.effects).toMatchObject([{ try: 2 }]);
  });

  test("goes on once, however often its message comes", async () => {
    const { world, runId, sent } = await watched();
    for (let copy = 0; copy < 3; copy += 1) await look(world, runId, 1);
    // Two copies at one moment may both go on; the next look is one again.
    await Promise.all([look(world, runId, 2), look(world, runId, 2)]);
    for (let copy = 0; copy < 3; copy += 1) await look(world, runId, 3);

    expect(sent.map(({ seq }) => seq).filter((seq) => seq !== 3)).toEqual([1, 2, 4]);
  });

  test("that dies before its number is raised is followed by the message it had sent, and comes again in vain", async () => {
    const { world, runId, sent } = await watched();
    await dieBeforeTheNumber(world, runId);
    expect(sent.at(-1)).toMatchObject({ seq: 2 });
    await claimWaiting(world);
    world.clock.now = new Date(world.clock.now.getTime() + 91_000);

    await look(world, runId, 2);
    expect({ sent: sent.at(-1), effects: world.effects }).toMatchObject({ sent: { seq: 2 }, effects: [{ try: 2 }] });
    const count = sent.length;
    await look(world, runId, 1);
    expect(sent).toHaveLength(count);
    await look(world, runId, 2);
    expect(sent.at(-1)).toMatchObject({ seq: 3 });
  });

  test("that is held up for longer than the message it sent goes on with the one that this message sent", async () => {
    const { world, runId, sent } = await watched();
    const heldUp = meanwhile(world, 1, () => look(world, runId, 2));
    await look(heldUp, runId, 1);

    // The second is of the message that came before its number counted; the look that was held up has found its number raised.
    expect(sent.slice(1).map(({ seq }) => seq)).toEqual([2, 2]);
    await look(world, runId, 2);
    expect(sent.at(-1)).toMatchObject({ seq: 3 });
  });

  test("whose number does not count yet dies while its run sleeps: nobody may come to decide", async () => {
    const { world, runId, sent } = await watched();
    await pauseRun(world.deps, actorOf(world), runId);
    await look(world, runId, 1);
    const count = sent.length;
    await look(world, runId, 3);

    expect(sent).toHaveLength(count);
  });

  test("of an older chain, or of a run that was never committed, does nothing", async () => {
    const { world, runId, sent } = await watched();
    world.effects.splice(0);
    await look(world, runId, 0);
    await look(world, uuidv7(), 1);

    expect([sent.length, world.effects.length]).toEqual([1, 0]);
  });

  test("stays with a cancelled run until its last claimed effect is closed", async () => {
    const { world, runId, sent } = await watched();
    await claimWaiting(world);
    await cancelRun(world.deps, actorOf(world), runId);
    await look(world, runId, 2);
    expect(sent).toHaveLength(3);

    await lookAfter(world, runId, 91);
    await look(world, runId, 3);
    expect(sent).toHaveLength(3);
    expect(await countEffects(world, runId)).toEqual({ cancelled: 1, done: 2 });
  });

  test("of a run that was cancelled while it slept is awake, and stops the state machine again", async () => {
    const { world, runId, sent } = await watched();
    await pauseRun(world.deps, actorOf(world), runId);
    await look(world, runId, 1);
    await cancelRun(world.deps, actorOf(world), runId);
    expect(sent.at(-1)).toEqual({ run_id: runId, seq: 3, delay: 60 });

    world.stopped.splice(0);
    const count = sent.length;
    await look(world, runId, 3);
    expect({ stopped: world.stopped, sent: sent.length }).toEqual({ stopped: [`${runId}-1`], sent: count });
  });

  test("gives way to the chain of a process that takes over, which is the only one from then on", async () => {
    const { world, runId, sent } = await watched();
    await takeOver(world.deps);
    expect(sent).toContainEqual({ run_id: runId, seq: 2, delay: 60 });

    await look(world, runId, 1);
    expect(sent.filter((message) => message.run_id === runId)).toHaveLength(2);
    await look(world, runId, 2);
    expect(sent.filter((message) => message.run_id === runId)).toHaveLength(3);
  });

  test("keeps the phase that its run works on alive at each look", async () => {
    const { world, runId } = await watched();
    await look(world, runId, 1);

    expect(world.heartbeats).toEqual([`${runId}/execute`]);
  });

  test("that was lost is begun anew when its phase comes again, and looks at once at what else was lost", async () => {
    const { world, runId, sent } = await watched();
    world.effects.splice(0);
    // Nobody has kept the phase alive for an hour.
    world.clock.now = new Date(world.clock.now.getTime() + 3_600_000);
    const again = { kind: "phase", phase: "execute", run_id: runId, token: `${runId}/execute again` } as const;
    await processControl(world.deps, [again]);

    expect(sent.at(-1)).toEqual({ run_id: runId, seq: 2, delay: 60 });
    expect(world.effects).toHaveLength(1);
    expect(world.heartbeats).toEqual([again.token]);
  });

  test("that fails in its run does not come back besides the one that it sent on", async () => {
    const { world, runId, sent } = await watched();
    const outbox = { ...world.deps.outbox, heartbeatPhase: () => Promise.reject(new Error("throttled")) };
    const failed = await processControl({ ...world.deps, outbox }, [{ kind: "watchdog", run_id: runId, seq: 1 }]);

    expect({ failed, sent: sent.length }).toEqual({ failed: [], sent: 2 });
  });

  test("of a paused run sleeps to its deadline: it is sent on without a look at the database, and keeps its phase alive", async () => {
    const { world, runId, sent } = await watched();
    await pauseRun(world.deps, actorOf(world), runId);
    await look(world, runId, 1);
    const asleep = sent.at(-1);
    expect(asleep).toMatchObject({ run_id: runId, seq: 2, token: `${runId}/execute`, delay: 900 });

    const blind = { ...world.deps, db: { ...db, transact: () => Promise.reject(new Error("the database was woken")) } };
    expect(await processControl(blind, [{ kind: "watchdog", ...asleep, run_id: runId, seq: 2 }])).toEqual([]);
    expect(sent.at(-1)).toEqual(asleep);
    expect(world.heartbeats).toEqual([`${runId}/execute`, `${runId}/execute`]);
  });

  test("of a paused run stays awake while a contact is under way, whose lease may end", async () => {
    const { world, runId, sent } = await watched();
    await claimWaiting(world);
    await pauseRun(world.deps, actorOf(world), runId);
    await look(world, runId, 1);

    expect(sent.at(-1)).toEqual({ run_id: runId, seq: 2, delay: 60 });
  });

  test("wakes with the person's word: a resumed run has a chain that is awake, and the one that slept dies", async () => {
    const { world, runId, sent } = await watched();
    await pauseRun(world.deps, actorOf(world), runId);
    await look(world, runId, 1);
    await resumeRun(world.deps, actorOf(world), runId, undefined);
    expect(sent.at(-1)).toEqual({ run_id: runId, seq: 3, delay: 60 });

    const count = sent.length;
    await look(world, runId, 2);
    expect(sent).toHaveLength(count);
    await look(world, runId, 3);
    expect(sent).toHaveLength(count + 1);
  });

  test("is sent once more when a person's word was committed after its message had come, and died", async () => {
    const { world, runId, sent } = await watched();
    await pauseRun(world.deps, actorOf(world), runId);
    await look(world, runId, 1);
    const count = sent.length;
    const heldUp = meanwhile(world, 1, async () => {
      world.clock.now = new Date(world.clock.now.getTime() + 61_000);
      await look(world, runId, 3);
    });
    await resumeRun(heldUp.deps, actorOf(world), runId, undefined);

    expect(sent.slice(count)).toEqual([
      { run_id: runId, seq: 3, delay: 60 },
      { run_id: runId, seq: 3, delay: 60 },
    ]);
  });

  test("is sent once more when somebody looked before a person's word was committed, and went to sleep", async () => {
    const { world, runId, sent } = await watched();
    await pauseRun(world.deps, actorOf(world), runId);
    const heldUp = meanwhile(world, 1, async () => {
      await look(world, runId, 1);
      await look(world, runId, 2);
      expect(sent.at(-1)).toMatchObject({ seq: 3, delay: 900 });
    });
    await resumeRun(heldUp.deps, actorOf(world), runId, undefined);

    expect(sent.at(-1)).toEqual({ run_id: runId, seq: 3, delay: 60 });
  });

  test("ends a run whose deadline has passed, with everything in it", async () => {
    const { world, runId } = await watched();
    await db.transact({ role: "engine" }, (connection) =>
      connection.query("UPDATE runs SET deadline = now() - interval '1 second' WHERE id = $1", [runId]),
    );
    await look(world, runId, 1);

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "failed", error: { code: "deadline-exceeded" } });
    expect(run.tasks.filter((task) => task.kind === "executor").map((task) => task.status)).toEqual(["cancelled", "cancelled"]);
    expect(listViolations(facts)).toEqual([]);
    expect(await countEffects(world, runId)).toEqual({ cancelled: 1, done: 2 });
    expect(await readLoads(world)).toEqual([]);
  });
});

describe("a state machine that ends without having asked", () => {
  const end = (world: World, runId: string, number: number) =>
    processControl(world.deps, [
      {
        kind: "execution",
        event: { source: "aws.states", detail: { name: `${runId}-${number}`, status: "TIMED_OUT", error: "States.Timeout", cause: null } },
      },
    ]);

  test("fails its run with what is known of the reason", async () => {
    const { world, runId } = await watched();
    await end(world, runId, 1);

    expect((await inspectRun(world, runId)).run).toMatchObject({
      status: "failed",
      error: { code: "execution-ended", detail: "The state machine ended as TIMED_OUT. States.Timeout" },
    });
  });

  test("brings a watchdog to a run that has ended: all others may be lost, and a dead hand holds something", async () => {
    const { world, runId, sent } = await watched();
    await claimWaiting(world);
    await end(world, runId, 1);
    sent.splice(0);
    await end(world, runId, 1);
    expect(sent).toEqual([{ run_id: runId, seq: 1, delay: 60 }]);

    world.clock.now = new Date(world.clock.now.getTime() + 91_000);
    await look(world, runId, 1);
    expect(await countEffects(world, runId)).toEqual({ cancelled: 1, done: 2 });
  });

  test("leaves a run alone that has been given another since, and one that has ended", async () => {
    const { world, runId } = await watched();
    await takeOver(world.deps);
    await end(world, runId, 1);
    expect((await inspectRun(world, runId)).run.status).toBe("running");

    await settleWorld(world, script);
    await end(world, runId, 2);
    expect((await inspectRun(world, runId)).run.status).toBe("completed");
  });
});
