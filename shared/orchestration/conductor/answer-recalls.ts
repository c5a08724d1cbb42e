import * as z from "zod";
import type { EffectMessage, EffectReport } from "../../effects/contract.ts";
import { recallMemories } from "../../memory/recall-memories.ts";
import type { ConductorDeps } from "../deps.ts";
import { type ClaimedRow, claimEffects } from "../sql/claim-effects.ts";

const RecallRequest = z.object({ query: z.string(), limit: z.int().min(1).max(50) });

/** Claims recalls that came on a queue, because whoever created them did not live to answer them, and answers them from memory. */
export async function answerRecalls(deps: ConductorDeps, messages: readonly EffectMessage[]): Promise<EffectReport[]> {
  if (messages.length === 0) return [];
  const claimed = await deps.db.transact({ role: "engine" }, (db) => claimEffects(db, messages, deps.leaseSeconds, deps.now()));
  const reports: EffectReport[] = [];
  for (const effect of claimed) {
    try {
      reports.push(await answerRecall(deps, effect));
    } catch (error) {
      // The others of the batch are answered; the lease of this one ends, and the watchdog sends it again, a bounded number of times.
      deps.log("a recall could not be answered", { effect_id: effect.effect_id, run_id: effect.run_id, error });
    }
  }
  return reports;
}

/** Answers one recall whose lease this process holds. */
export async function answerRecall(deps: Pick<ConductorDeps, "db" | "now">, effect: ClaimedRow): Promise<EffectReport> {
  const { effect_id, lease_token, workspace_id: workspaceId, user_id: userId } = effect;
  const { query, limit } = RecallRequest.parse(effect.request);
  const memories = await deps.db.transact({ role: "engine", workspaceId }, (db) =>
    recallMemories(db, { workspaceId, userId, query, limit, now: deps.now() }),
  );
  const result = memories.map(({ id, content }) => ({ id, content }));
  return { effect_id, lease_token, outcome: { status: "done", result } };
}
