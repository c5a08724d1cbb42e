import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClaimedEffect } from "../../shared/effects/contract.ts";
import { type Conductor, conduct } from "../../shared/orchestration/conductor/conduct.ts";
import { processRecords } from "../../shared/orchestration/conductor/process-records.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { countEffects, inspectRun, listViolations, readBooks } from "../world/inspect.ts";
import { openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { claimWaiting, reachExecution, takeMessages } from "../world/reach-execution.ts";
import { callToolThenSucceed, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";
import { toSqsEvent } from "./kill/to-sqs-event.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
});
afterAll(() => fresh.drop());

const nine: Script = { plan: planOf(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`t${index}`, []]))) };
const one: Script = { plan: planOf({ a: [] }) };

type Scene = { world: World; conductor: Conductor; runId: string };

async function openScene(script: Script, prices = pricesOf(100n, 60n)): Promise<Scene> {
  const world = await openWorld(fresh.deployed, { prices, executorCapacity: 100 });
  return { world, conductor: conduct(world.deps, {}), runId: await reachExecution(world, script, 1_000_000n) };
}

const reportOf = ({ effect_id, lease_token }: Pick<ClaimedEffect, "effect_id" | "lease_token">) => ({
  effect_id,
  lease_token,
  outcome: succeedWith("done"),
});

describe("one bad message of ten", () => {
  test.each<[string, (own: ClaimedEffect) => unknown]>([
    ["that is no JSON", () => "{"],
    ["of another form", () => ({ effect: 1 })],
    ["of an unknown effect", () => reportOf({ effect_id: uuidv7(), lease_token: uuidv7() })],
    ["with a foreign lease token", ({ effect_id }) => reportOf({ effect_id, lease_token: uuidv7() })],
    ["of an absurd size", (own) => ({ ...reportOf(own), outcome: { status: "done", result: "x".repeat(1_000_000), more: 1 } })],
  ])("%s on results stops nothing: the nine others are taken in", async (_, makeBad) => {
    const { world, conductor, runId } = await openScene(nine);
    const claimed = await claimWaiting(world);
    const [first] = claimed;
    if (first === undefined) throw new Error("nothing was claimed");
    const good = claimed.map(reportOf);
    const event = toSqsEvent([...good.slice(0, 4), makeBad(first), ...good.slice(4)], "results");

    expect(await processRecords(conductor, "control", event)).toEqual({ batchItemFailures: [] });
    await settleWorld(world, nine);
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
  });

  test.each<[string, unknown]>([
    ["that is no JSON", "{"],
    ["of another form", { kind: "unheard of" }],
    ["of an unknown run", { kind: "hint", run_id: uuidv7() }],
    ["with a phase of an unknown run", { kind: "phase", phase: "plan", run_id: uuidv7(), token: "t" }],
    ["of an absurd size", { kind: "phase", phase: "plan", run_id: uuidv7(), token: "t".repeat(1_000_000) }],
    ["of an unknown effect", { kind: "effect", effect_id: uuidv7(), try: 1 }],
  ])("%s on control stops nothing", async (_, bad) => {
    const { world, conductor, runId } = await openScene(one);
    world.clock.now = new Date(world.clock.now.getTime() + 61_000);
    takeMessages(world);
    const event = toSqsEvent([bad, { kind: "watchdog", run_id: runId, seq: 1 }], "control");

    expect(await processRecords(conductor, "control", event)).toEqual({ batchItemFailures: [] });
    expect(world.effects).toHaveLength(1);
  });
});

describe("an effect that no hand could take over", () => {
  const giveUp = ({ conductor }: Scene, bodies: readonly unknown[]) => processRecords(conductor, "control", toSqsEvent(bodies, "control"));

  test("fails, costs nothing, and its run goes on by the policy of the task instead of hanging", async () => {
    const scene = await openScene(one);
    const { world, runId } = scene;
    const before = await readBooks(world, runId);
    const [message] = takeMessages(world);
    expect(await giveUp(scene, ["{", message, message, { effect_id: uuidv7(), try: 1 }])).toEqual({ batchItemFailures: [] });

    const { facts } = await inspectRun(world, runId);
    expect(facts.find(({ fact }) => fact.type === "task-retried")?.fact).toMatchObject({ error: { code: "undeliverable" } });
    expect(await countEffects(world, runId)).toMatchObject({ failed: 1 });
    expect((await readBooks(world, runId)).spent).toBe(before.spent);
  });

  test("again and again ends its run with the reason", async () => {
    const scene = await openScene(one);
    const { world, runId } = scene;
    for (let round = 0; round < 5; round += 1) {
      world.clock.now = new Date(world.clock.now.getTime() + 3_600_000);
      await processRecords(scene.conductor, "control", toSqsEvent([{ kind: "hint", run_id: runId }], "control"));
      await giveUp(scene, takeMessages(world));
    }
    await settleWorld(world, one);

    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, run.error?.code, listViolations(facts)]).toEqual(["failed", "undeliverable", []]);
    expect(await readBooks(world, runId)).toMatchObject({ held: 0n });
  });

  test("is left to who claimed it, and to the try that was sent since", async () => {
    const scene = await openScene(one);
    const { world, runId } = scene;
    const messages = takeMessages(world);
    const [claimed] = await claimForHands(world.deps, messages);
    await giveUp(scene, messages);
    expect(await countEffects(world, runId)).toMatchObject({ running: 1 });

    world.clock.now = new Date(world.clock.now.getTime() + 91_000);
    await processRecords(scene.conductor, "control", toSqsEvent([{ kind: "hint", run_id: runId }], "control"));
    await giveUp(scene, messages);
    expect(world.effects).toMatchObject([{ effect_id: claimed?.effect_id, try: 2 }]);
    expect(await countEffects(world, runId)).toMatchObject({ due: 1 });
  });

  test("is told to the model where it was a tool's, which goes on without it", async () => {
    const script: Script = { plan: planOf({ a: [] }), executor: callToolThenSucceed };
    const scene = await openScene(script);
    const { world, runId } = scene;
    const [asked] = await claimWaiting(world);
    if (asked === undefined) throw new Error("nothing was claimed");
    await processRecords(
      scene.conductor,
      "control",
      toSqsEvent([{ ...reportOf(asked), outcome: callToolThenSucceed({ ...noCall, turns: [] }) }], "results"),
    );
    expect(world.effects).toMatchObject([{ kind: "tool" }]);

    await giveUp(scene, takeMessages(world));
    await settleWorld(world, script);
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
    expect(await countEffects(world, runId)).toMatchObject({ failed: 1 });
  });
});

/** What the script looks at before it calls a tool. */
const noCall: Parameters<typeof callToolThenSucceed>[0] = {
  model: "local:scripted",
  prompt: { name: "executor", version: 1 },
  variables: {},
  tools: [],
  max_output_tokens: 1,
  temperature: null,
  inputs: [],
  turns: [],
};
