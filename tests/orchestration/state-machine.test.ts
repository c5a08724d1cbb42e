import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { ControlMessage } from "../../shared/orchestration/conductor/control-message.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { cancelRun, pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import type { WatchdogCall } from "../../shared/orchestration/deps.ts";
import { setRequestHandler } from "../../shared/platform/aws/client-options.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { inspectRun, listViolations } from "../world/inspect.ts";
import { ASL, type Machine, openMachine } from "../world/open-machine.ts";
import { openWorld, settleWorld } from "../world/open-world.ts";
import { reachExecution } from "../world/reach-execution.ts";
import { planOf, type Script } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
}, 60_000);
afterAll(() => close());
afterEach(() => setRequestHandler(undefined));

const script: Script = { plan: planOf({ a: [], b: ["a"] }) };
const actorOf = ({ world }: Machine) => ({ role: "app", workspaceId: world.workspaceId, userId: world.workspaceId }) as const;

/** A run in its execute phase, at its state machine. */
async function begin(): Promise<{ machine: Machine; runId: string }> {
  const machine = openMachine(await openWorld(db));
  const runId = await reachExecution(machine.world, script);
  expect(machine.execution(runId, 1)?.status).toBe("RUNNING");
  return { machine, runId };
}
const deliver = ({ world }: Machine, { run_id, seq, wake_at, token }: WatchdogCall) =>
  processControl(world.deps, [{ kind: "watchdog", run_id, seq, wake_at, token }]);
const statusOf = async ({ world }: Machine, runId: string) => {
  const { run, facts } = await inspectRun(world, runId);
  expect(listViolations(facts)).toEqual([]);
  return { status: run.status, error: run.error?.code ?? null };
};
const newest = ({ watchdogs }: Machine) => {
  const [call] = watchdogs.slice(-1);
  if (call === undefined) throw new Error("no watchdog was sent");
  return call;
};

/** A run that sleeps: its watchdog goes round without a look at the database. */
async function beginAsleep(): Promise<{ machine: Machine; runId: string; sleeper: WatchdogCall }> {
  const begun = await begin();
  await pauseRun(begun.machine.world.deps, actorOf(begun.machine), begun.runId);
  await deliver(begun.machine, { run_id: begun.runId, seq: 1 });
  const sleeper = newest(begun.machine);
  expect(sleeper).toMatchObject({ seq: 2, token: expect.any(String), delay: 900 });
  return { ...begun, sleeper };
}

describe("an execution that is lost without a word", () => {
  test("is begun again at the phase of its run, under the next number, and the run completes", async () => {
    const { machine, runId } = await begin();
    machine.lose(runId, 1, "forgotten");
    await deliver(machine, newest(machine));

    expect(JSON.parse(machine.execution(runId, 2)?.input ?? "null")).toMatchObject({ run_id: runId, phase: "execute" });
    await settleWorld(machine.world, script);
    expect(await statusOf(machine, runId)).toEqual({ status: "completed", error: null });
    expect(machine.execution(runId, 2)?.status).toBe("SUCCEEDED");
  });

  test("is begun again once, however many looks come before its first message", async () => {
    const { machine, runId } = await begin();
    machine.lose(runId, 1, "forgotten");
    for (let look = 0; look < 3; look += 1) {
      await deliver(machine, newest(machine));
      machine.world.control.splice(0);
    }

    expect([...machine.engine.executions.values()].map(({ name }) => name)).toEqual([`${runId}-2`]);
  });

  test("fails its run when somebody had stopped it: as the event that was lost would have", async () => {
    const { machine, runId } = await begin();
    machine.lose(runId, 1, "aborted");
    await deliver(machine, newest(machine));

    expect(await statusOf(machine, runId)).toEqual({ status: "failed", error: "execution-ended" });
    expect((await inspectRun(machine.world, runId)).run.error?.detail).toContain("ABORTED");
    expect(machine.execution(runId, 2)).toBeUndefined();
  });

  test("is noticed while its run sleeps: the heartbeat is refused, and only then the database is looked at", async () => {
    const { machine, runId, sleeper } = await beginAsleep();
    machine.lose(runId, 1, "forgotten");
    await deliver(machine, sleeper);

    expect(machine.execution(runId, 2)?.status).toBe("RUNNING");
    await resumeRun(machine.world.deps, actorOf(machine), runId, undefined);
    await settleWorld(machine.world, script);
    expect(await statusOf(machine, runId)).toEqual({ status: "completed", error: null });
  });

  test("is not taken for lost when its phase was only driven again", async () => {
    const { machine, runId } = await begin();
    // Nobody has kept the phase alive for an hour.
    machine.pass(3_602);
    const [again] = machine.world.control.splice(0);
    expect(again).toMatchObject({ kind: "phase", phase: "execute" });
    await deliver(machine, newest(machine));

    expect(machine.execution(runId, 2)).toBeUndefined();
    await processControl(machine.world.deps, again === undefined ? [] : [again]);
    await settleWorld(machine.world, script);
    expect(await statusOf(machine, runId)).toEqual({ status: "completed", error: null });
  });

  test("is started under its own name when it never was", async () => {
    const machine = openMachine(await openWorld(db));
    const lost = { ...machine.world.deps.outbox, startExecution: async () => undefined };
    const runId = await reachExecution({ ...machine.world, deps: { ...machine.world.deps, outbox: lost } }, script);
    expect(machine.execution(runId, 1)).toBeUndefined();
    await deliver(machine, newest(machine));
    await settleWorld(machine.world, script);

    expect(machine.execution(runId, 1)?.status).toBe("SUCCEEDED");
    expect(await statusOf(machine, runId)).toEqual({ status: "completed", error: null });
  });
});

describe("a watchdog that slept", () => {
  test("takes over a run that was resumed and whose new watchdog was lost, four hours later at most", async () => {
    const { machine, runId, sleeper } = await beginAsleep();
    await resumeRun(machine.world.deps, actorOf(machine), runId, undefined);
    const lost = newest(machine);
    // Everything that the resume had sent is lost.
    machine.world.control.splice(0);
    machine.world.effects.splice(0);
    for (let hop = 0; hop < 16; hop += 1) {
      await deliver(machine, sleeper);
      machine.pass(900);
    }
    await deliver(machine, sleeper);

    expect(newest(machine)).toEqual({ run_id: runId, seq: lost.seq + 1, delay: 60 });
    expect(machine.world.effects).toHaveLength(1);
    // If that one should live after all, it dies of this.
    const count = machine.watchdogs.length;
    await deliver(machine, lost);
    expect(machine.watchdogs).toHaveLength(count);
    await settleWorld(machine.world, script);
    expect(await statusOf(machine, runId)).toEqual({ status: "completed", error: null });
  });

  test("dies when its run sleeps on under another, so that doubled sleepers do not stay", async () => {
    const { machine, runId, sleeper } = await beginAsleep();
    for (let hop = 0; hop < 16; hop += 1) {
      await deliver(machine, sleeper);
      machine.pass(900);
    }
    await deliver(machine, sleeper);
    expect(newest(machine)).toMatchObject({ seq: 3, wake_at: expect.any(String) });
    const count = machine.watchdogs.length;
    await deliver(machine, sleeper);

    expect(machine.watchdogs).toHaveLength(count);
    expect((await inspectRun(machine.world, runId)).run.status).toBe("paused");
  });
});

describe("a cancel", () => {
  test("is committed first; that the state machine is to stop is said again at each look, until it could be said", async () => {
    const { machine, runId } = await begin();
    const { world } = machine;
    const stop = world.deps.outbox.stopExecution;
    let refusals = 3;
    const outbox = {
      ...world.deps.outbox,
      stopExecution: async (name: string, cause: string) => {
        refusals -= 1;
        if (refusals >= 0) throw new Error("throttled");
        await stop(name, cause);
      },
    };
    const throttled = { ...machine, world: { ...world, deps: { ...world.deps, outbox } } };
    await cancelRun(throttled.world.deps, actorOf(machine), runId);
    expect(await statusOf(machine, runId)).toEqual({ status: "cancelled", error: null });
    for (let look = 0; look < 2; look += 1) await deliver(throttled, newest(machine));
    expect(machine.execution(runId, 1)?.status).toBe("RUNNING");

    await deliver(throttled, newest(machine));
    expect(machine.execution(runId, 1)?.status).toBe("ABORTED");
    const count = machine.watchdogs.length;
    await deliver(throttled, newest(machine));
    expect(machine.watchdogs).toHaveLength(count);
    await settleWorld(world, script);
    expect(await statusOf(machine, runId)).toEqual({ status: "cancelled", error: null });
  });

  test("answers an execution that is gone, or a token that is forgotten, as if it had been heard", async () => {
    const { machine, runId, sleeper } = await beginAsleep();
    const { outbox } = machine.world.deps;
    const token = sleeper.token ?? "";
    expect([await outbox.heartbeatPhase(token), await outbox.findExecution(`${runId}-1`)]).toMatchObject([true, { status: "RUNNING" }]);
    await outbox.stopExecution(`${runId}-1`, "cancelled");

    await outbox.answerPhase(token, { kind: "success", output: {} });
    await outbox.answerPhase(token, { kind: "failure", error: { code: "late", detail: "late", retryable: false } });
    expect([await outbox.heartbeatPhase(token), await outbox.findExecution(`${runId}-1`)]).toMatchObject([false, { status: "ABORTED" }]);
    await outbox.stopExecution(`${runId}-9`, "cancelled");
    expect(await outbox.findExecution(`${runId}-9`)).toBeUndefined();
  });
});

describe("the definition", () => {
  const CallbackState = z.looseObject({
    Type: z.literal("Task"),
    ResultPath: z.literal("$.last"),
    HeartbeatSeconds: z.literal(3_600),
    Parameters: z.object({ MessageBody: z.record(z.string(), z.string()) }),
    Retry: z.tuple([z.looseObject({ ErrorEquals: z.tuple([z.literal("States.HeartbeatTimeout"), z.literal("States.Timeout")]) })]),
    TimeoutSecondsPath: z.string().optional(),
  });
  const { StartAt, States } = z
    .object({ StartAt: z.string(), States: z.record(z.string(), z.looseObject({ Type: z.string() })) })
    .parse(JSON.parse(ASL));
  const tasks = Object.entries(States).filter(([, state]) => state.Type === "Task");

  test("has five callback states that keep the result apart, need an hourly word, and are driven again without it", () => {
    const parsed = tasks.map(([name, state]) => [name, CallbackState.parse(state)] as const);

    expect(parsed.map(([name]) => name)).toEqual(["PlanGoal", "ExecuteTasks", "ReviewResult", "SummarizeRun", "FailRun"]);
    // What failed a run may have been its deadline, so that does not count for writing the failure down.
    expect(parsed.map(([, state]) => state.TimeoutSecondsPath)).toEqual([...Array(4).fill("$.timeout_seconds"), undefined]);
    // Ids only.
    const sent = new Set(parsed.flatMap(([, state]) => Object.keys(state.Parameters.MessageBody)));
    expect([...sent].toSorted()).toEqual(["error.$", "kind", "phase", "run_id.$", "token.$", "workspace_id.$"]);
  });

  test("is entered at the phase of the run", () => {
    const choices = z.object({ Choices: z.array(z.object({ Variable: z.string(), StringEquals: z.string() })) }).parse(States[StartAt]);

    expect(choices.Choices.map(({ Variable, StringEquals }) => `${Variable} ${StringEquals}`)).toEqual([
      "$.phase plan",
      "$.phase execute",
      "$.phase review",
      "$.phase summarize",
      "$.phase fail",
    ]);
  });

  test("may send tokens of up to 2,048 characters", () => {
    const message = { kind: "phase", phase: "plan", run_id: "0198c0de-0000-7000-8000-00000000ffff" };

    expect(ControlMessage.safeParse({ ...message, token: "t".repeat(2_048) }).success).toBe(true);
    expect(ControlMessage.safeParse({ ...message, token: "t".repeat(2_049) }).success).toBe(false);
  });
});

test("a run's watchdog is sent before the run is there, and its execution started after", async () => {
  const machine = openMachine(await openWorld(db));
  const order: string[] = [];
  const { deps } = machine.world;
  const outbox = {
    ...deps.outbox,
    sendWatchdog: async ({ seq }: WatchdogCall, delay: number) => void order.push(`watchdog ${seq} in ${delay} s`),
    startExecution: async ({ name }: { name: string }) => void order.push(`execution ${name.slice(-2)}`),
  };
  const transact: Database["transact"] = async (actor, work) => {
    const answer = await deps.db.transact(actor, work);
    order.push("committed");
    return answer;
  };
  await reachExecution({ ...machine.world, deps: { ...deps, outbox, db: { ...deps.db, transact } } }, script).catch(() => undefined);

  expect(order.filter((word, index) => word !== order[index - 1])).toEqual(["watchdog 1 in 60 s", "committed", "execution -1"]);
});
