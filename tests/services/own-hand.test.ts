import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerRecall } from "../../shared/orchestration/conductor/answer-recalls.ts";
import { type Conductor, conduct } from "../../shared/orchestration/conductor/conduct.ts";
import { cancelRun } from "../../shared/orchestration/control/control-run.ts";
import type { OwnAnswers } from "../../shared/orchestration/ledger/own-hand.ts";
import { countEffects, inspectRun, listViolations } from "../world/inspect.ts";
import { openWorld, postGoal, settleWorld, type World } from "../world/open-world.ts";
import { drainControl, lookAfter } from "../world/reach-execution.ts";
import { planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(4);
});
afterAll(() => fresh.drop());

const script = { plan: planOf({ a: [], b: ["a"] }) };
const actorOf = ({ workspaceId }: World) => ({ role: "app", workspaceId, userId: workspaceId }) as const;

/** A world whose conductor answers recalls itself, in the way given. */
async function openWorldWith(answersOf: (world: World) => OwnAnswers): Promise<{ world: World; conductor: Conductor }> {
  const world = await openWorld(fresh.deployed);
  const conductor = conduct(world.deps, answersOf(world));
  return { world: { ...world, deps: conductor }, conductor };
}

const fromMemory = (world: World): OwnAnswers => ({ recall: (effect) => answerRecall(world.deps, effect) });
const dies: OwnAnswers = { recall: () => Promise.reject(new Error("the process has died")) };

describe("an effect that the conductor answers itself", () => {
  test("is created under its lease, is never sent, and is answered as any other", async () => {
    const { world, conductor } = await openWorldWith(fromMemory);
    const runId = await postGoal(world, "remember");

    await drainControl(world);
    expect(world.control).toEqual([]);
    await conductor.ownHand?.settled();

    expect(await countEffects(world, runId)).toEqual({ done: 1, due: 1 });
    await settleWorld(world, script);
    await conductor.ownHand?.settled();
    await settleWorld(world, script);
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
  });

  test("is sent to the queue when its lease ended without an answer, and answered by whoever takes it", async () => {
    const { world, conductor } = await openWorldWith(() => dies);
    const runId = await postGoal(world, "die with it");
    await drainControl(world);
    await conductor.ownHand?.settled();
    expect(await countEffects(world, runId)).toEqual({ running: 1 });

    await lookAfter(world, runId, world.deps.leaseSeconds + 1);

    expect(world.control).toMatchObject([{ kind: "effect", try: 2 }]);
    await settleWorld(world, script);
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
    expect(facts.filter(({ fact }) => fact.type === "effect-resent")).toHaveLength(1);
  });

  test("is late when its run was cancelled meanwhile", async () => {
    const { world, conductor } = await openWorldWith((opened) => ({
      recall: async (effect) => {
        await cancelRun(opened.deps, actorOf(opened), effect.run_id);
        return answerRecall(opened.deps, effect);
      },
    }));
    const runId = await postGoal(world, "think better of it");
    await drainControl(world);
    await conductor.ownHand?.settled();

    expect(await countEffects(world, runId)).toEqual({ late: 1 });
    expect(listViolations((await inspectRun(world, runId)).facts)).toEqual([]);
  });
});
