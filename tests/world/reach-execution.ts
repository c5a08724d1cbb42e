import type { ClaimedEffect, EffectMessage } from "../../shared/effects/contract.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { carryOutDue, postGoal, type World } from "./open-world.ts";
import type { Script } from "./scripted-hands.ts";

/** Posts a goal and goes on until it is planned and the first effects of its tasks wait on the queue, claimed by nobody. */
export async function reachExecution(world: World, script: Script, limit: bigint | null = null): Promise<string> {
  const runId = await postGoal(world, "a goal", limit);
  await drainControl(world);
  await processReports(world.deps, await carryOutDue(world, script, world.effects.length));
  await drainControl(world);
  return runId;
}

/** Delivers all control messages, and those that come of them. */
export async function drainControl(world: World): Promise<void> {
  while (world.control.length > 0) await processControl(world.deps, world.control.splice(0));
}

/** Claims all effects that wait on the queue, as a hand that then takes its time. */
export async function claimWaiting(world: World): Promise<ClaimedEffect[]> {
  return claimForHands(world.deps, takeMessages(world));
}

/** Takes the messages of all effects off the queue. */
export function takeMessages(world: World): EffectMessage[] {
  return world.effects.splice(0).map(({ effect_id, try: attempt }) => ({ effect_id, try: attempt }));
}

/** Lets time pass and has the watchdog look at a run. */
export async function lookAfter(world: World, runId: string, seconds: number): Promise<void> {
  world.clock.now = new Date(world.clock.now.getTime() + seconds * 1_000);
  await processControl(world.deps, [{ kind: "hint", run_id: runId }]);
}
