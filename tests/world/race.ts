import type { EffectReport } from "../../shared/effects/contract.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { carryOutDue, type World } from "./open-world.ts";
import type { Script } from "./scripted-hands.ts";

export type Race = {
  /** Conductors, each with hands of its own, that take from the same queues. */
  workers: number;
  /** Called after each message or effect that was taken, with how many that were. */
  onProgress?: (taken: number) => void;
};

/**
 * Lets workers carry out everything that is on the queues, and all that comes of it, until nothing is left. Every message, claim and report
 * is delivered twice, some of them at once. Answers how often each effect was granted to a hand.
 */
export async function race(world: World, script: Script, { workers, onProgress = () => undefined }: Race): Promise<Map<string, number>> {
  const granted = new Map<string, number>();
  let busy = 0;
  let taken = 0;
  async function work(): Promise<void> {
    for (;;) {
      const messages = world.control.splice(0, 3);
      const effects = world.effects.splice(0, 3);
      if (messages.length + effects.length === 0) {
        if (busy === 0) return;
        // Somebody else may yet bring more.
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      busy += 1;
      taken += messages.length + effects.length;
      onProgress(taken);
      const failed = await processControl(world.deps, [...messages, ...messages]);
      world.control.push(...failed.flatMap((index) => messages[index % messages.length] ?? []));
      const hands = () => carryOutDue({ ...world, effects: [...effects] }, script, effects.length);
      const reports = (await Promise.all([hands(), hands()])).flat();
      for (const { effect_id } of reports) granted.set(effect_id, (granted.get(effect_id) ?? 0) + 1);
      await deliverTwice(world, reports);
      busy -= 1;
    }
  }
  await Promise.all(Array.from({ length: workers }, work));
  return granted;
}

/** Every report twice at once, and twice in one batch; those that were overtaken too often come again, as from a queue. */
async function deliverTwice(world: World, reports: EffectReport[]): Promise<void> {
  let open = reports;
  while (open.length > 0) {
    const [processed] = await Promise.all([processReports(world.deps, [...open, ...open]), processReports(world.deps, open)]);
    open = processed.filter((item) => item.verdict === "again").map((item) => item.report);
  }
}
